package io.github.rlhf4j.world;

/** The languages of the pre-training corpus; the shares are the mixture of its documents. */
public enum Language {
    ENGLISH(0.64),
    FRENCH(0.14),
    GERMAN(0.12),
    SPANISH(0.10);

    private final double share;

    Language(double share) {
        this.share = share;
    }

    /** The share of documents, 0..1. */
    public double share() {
        return share;
    }

    static Language draw(Draw draw) {
        double left = draw.uniform();
        for (Language language : values()) {
            left -= language.share;
            if (left < 0) {
                return language;
            }
        }
        return ENGLISH;
    }
}
