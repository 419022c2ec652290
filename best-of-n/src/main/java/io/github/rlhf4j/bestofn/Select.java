package io.github.rlhf4j.bestofn;

import io.github.rlhf4j.datasets.RecordKind;

/** What is kept of the responses to one prompt. */
public enum Select {
    /** The best one: demonstrations. */
    BEST(RecordKind.PROMPT_COMPLETION),
    /** The best and the worst one: pairs. */
    BEST_AND_WORST(RecordKind.PREFERENCE),
    /** All of them, ranked: rankings. */
    ALL(RecordKind.RANKING);

    private final RecordKind rows;

    Select(RecordKind rows) {
        this.rows = rows;
    }

    /** What the rows are that later stages read. */
    RecordKind rows() {
        return rows;
    }
}
