/**
 * Where pure pieces of work are done: roll-outs, scores, reference log-probs, rounds of replicas. In this process, on threads with models of their own, or elsewhere; a trainer that asks a {@link io.github.rlhf4j.core.cluster.Cluster} does
 * not change with the place, and neither do its results.
 *
 * <p>Start at {@link io.github.rlhf4j.core.cluster.Cluster}. A task of one's own is a record that implements {@link io.github.rlhf4j.core.cluster.Task}, and a {@link io.github.rlhf4j.core.cluster.TaskKind} that makes bytes of it; without that it is
 * computed in this process.
 */
@NullMarked
package io.github.rlhf4j.core.cluster;

import org.jspecify.annotations.NullMarked;
