package io.github.rlhf4j.world;

import java.util.Locale;

/** What pages of the synthetic crawl are, in the order in which they are drawn. */
enum PageKind {
    ENCYCLOPEDIA(0.28, 0, 20, 3),
    STORY(0.16, 0, 20, 2),
    DIALECT(0.10, 0, 4, 0),
    MEDICAL(0.10, 0, 12, 2),
    TOXIC(0.10, 0, 15, 0),
    SPAM(0.08, 0, 2, 0),
    BOILERPLATE(0.06, 0, 3, 1),
    MISINFORMATION(0.06, 2, 40, 0),
    COPY(0.06, 0, 20, 0);

    private final double share;
    private final int leastVotes;
    private final int mostVotes;
    private final int shut;

    PageKind(double share, int leastVotes, int mostVotes, int shut) {
        this.share = share;
        this.leastVotes = leastVotes;
        this.mostVotes = mostVotes;
        this.shut = shut;
    }

    /** How many of its five domains shut crawlers for AI out. */
    int shut() {
        return shut;
    }

    /** As the column kind has it. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Up-votes of a page. */
    long votes(Draw draw) {
        return leastVotes + (long) draw.below(mostVotes - leastVotes + 1);
    }

    static PageKind draw(Draw draw) {
        double left = draw.uniform();
        for (PageKind kind : values()) {
            left -= kind.share;
            if (left < 0) {
                return kind;
            }
        }
        return ENCYCLOPEDIA;
    }
}
