package io.github.rlhf4j.world;

import java.util.Locale;

/** The ten use cases of InstructGPT's API prompts with their shares (arXiv:2203.02155, Table 1). */
public enum UseCase {
    GENERATION(45.6),
    OPEN_QA(12.4),
    BRAINSTORMING(11.2),
    CHAT(8.4),
    REWRITE(6.6),
    SUMMARIZATION(4.2),
    CLASSIFICATION(3.5),
    OTHER(3.5),
    CLOSED_QA(2.6),
    EXTRACT(1.9);

    private static final double TOTAL = 99.9; // the published percentages are rounded

    private final double percent;

    UseCase(double percent) {
        this.percent = percent;
    }

    /** The share of prompts, 0..1; the ten shares add up to 1. */
    public double share() {
        return percent / TOTAL;
    }

    /** The name that records carry, for example {@code open_qa}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static UseCase draw(Draw draw) {
        double left = draw.uniform();
        for (UseCase useCase : values()) {
            left -= useCase.share();
            if (left < 0) {
                return useCase;
            }
        }
        return GENERATION;
    }
}
