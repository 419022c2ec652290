package io.github.rlhf4j.datasets.io;

/**
 * Something of a file that might have been a row.
 *
 * @param reason why it is none, to follow "rows dropped: "
 * @param line where it is, as {@link Row#line}
 */
public record Skipped(String reason, long line) {}
