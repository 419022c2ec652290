/** Records, where they come from and how they are opened. Start at {@link io.github.rlhf4j.datasets.Datasets}. */
@NullMarked
package io.github.rlhf4j.datasets;

import org.jspecify.annotations.NullMarked;
