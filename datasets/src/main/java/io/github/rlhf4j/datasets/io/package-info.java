/** Files as rows: JSON lines, JSON, CSV, all compressed or not, and Parquet. Start at {@link io.github.rlhf4j.datasets.io.DataFiles}. */
@NullMarked
package io.github.rlhf4j.datasets.io;

import org.jspecify.annotations.NullMarked;
