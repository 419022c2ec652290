package io.github.rlhf4j.datasets.tokens;

import java.util.List;
import java.util.Optional;

/**
 * What rows have become.
 *
 * @param examples one a row; empty where it is left out
 * @param report what happened, but for the number of rows
 */
record TokenizedRows(List<Optional<RowExample>> examples, TokenizationReport report) {}
