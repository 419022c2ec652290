/**
 * What a run does, told to other programs: TensorBoard, MLflow, CSV files, Prometheus, or one's own. Start at {@link io.github.rlhf4j.tracking.Tracker}.
 *
 * <p>A tracker is told what the run writes into its own files, so a run that was killed and resumed looks there like one that was not. The run's files do not depend on trackers, and none is on unless
 * {@code report_to} names it.
 */
@NullMarked
package io.github.rlhf4j.tracking;

import org.jspecify.annotations.NullMarked;
