/**
 * Where pure pieces of work are done: roll-outs, scores, reference log-probs. Today in this process; a trainer that asks a {@link io.github.rlhf4j.core.cluster.Cluster} does not change when the work is done elsewhere.
 *
 * <p>Start at {@link io.github.rlhf4j.core.cluster.Cluster}.
 */
@NullMarked
package io.github.rlhf4j.core.cluster;

import org.jspecify.annotations.NullMarked;
