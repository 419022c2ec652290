package io.github.rlhf4j.datasets.tokens;

/** How sequences of a fine-tuning set share packs of at most max_length tokens, with TRL's names. They stay apart in a pack: attention and positions are those of each alone. */
public enum PackingStrategy {
    /** Best fit decreasing; what is longer than a pack is cut as truncation_mode says. */
    BFD,
    /** Best fit decreasing; what is longer than a pack is split into several sequences, of which the later ones begin without context. */
    BFD_SPLIT,
    /** End to end in their order, split wherever a pack is full. */
    WRAPPED;

    /** Whether sequences are cut to max_length before. */
    boolean cuts() {
        return this == BFD;
    }
}
