/** Readers of dataset files: JSON lines, JSON, both compressed, and Parquet. */
@NullMarked
package io.github.rlhf4j.datasets.io;

import org.jspecify.annotations.NullMarked;
