package io.github.rlhf4j.dpo;

/** Receives how many comparisons of a prompt's responses are right. */
@FunctionalInterface
interface Comparisons {
    /** Nobody asks. */
    Comparisons IGNORED = (promptIds, right, compared) -> {};

    void add(int[] promptIds, double right, double compared);
}
