/** Rows of JSON in, rows of JSON out: tokens and scores of files. Start at {@link io.github.rlhf4j.datasets.lines.DataRows}. */
@NullMarked
package io.github.rlhf4j.datasets.lines;

import org.jspecify.annotations.NullMarked;
