package io.github.rlhf4j.world;

/**
 * The domains of the pre-training corpus; the shares are the mixture of its documents.
 *
 * <p>Encyclopedia, news and dialogue exist in every {@link Language}; stories, how-to texts and tables are written in English only and give way to
 * an encyclopedia article in other languages.
 */
public enum Domain {
    ENCYCLOPEDIA(0.34),
    NEWS(0.18),
    DIALOGUE(0.18),
    STORY(0.16),
    HOWTO(0.08),
    TABLE(0.06);

    private final double share;

    Domain(double share) {
        this.share = share;
    }

    /** The share of English documents, 0..1. */
    public double share() {
        return share;
    }

    static Domain draw(Draw draw) {
        double left = draw.uniform();
        for (Domain domain : values()) {
            left -= domain.share;
            if (left < 0) {
                return domain;
            }
        }
        return ENCYCLOPEDIA;
    }
}
