/** What a dataset holds, counted in one pass and in constant memory. Start at {@link io.github.rlhf4j.datasets.inspection.DatasetStatistics}. */
@NullMarked
package io.github.rlhf4j.datasets.inspection;

import org.jspecify.annotations.NullMarked;
