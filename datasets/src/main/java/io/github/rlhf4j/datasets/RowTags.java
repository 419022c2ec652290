package io.github.rlhf4j.datasets;

/**
 * What is known about a row besides its text; the empty string means not known.
 *
 * @param id names the row in its source (the synthetic world finds its question again by it)
 * @param useCase one of InstructGPT's use cases, or any other label that results are reported by
 */
public record RowTags(String id, String useCase) {
    /** Nothing is known. */
    public static final RowTags NONE = new RowTags("", "");
}
