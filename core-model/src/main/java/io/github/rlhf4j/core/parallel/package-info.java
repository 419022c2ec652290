/**
 * Training by several workers whose number changes no byte: replicas that train alone for some steps and are then averaged (DiLoCo, Douillard et al. 2023, arXiv:2311.08105), and shards of a step whose gradients are added.
 *
 * <p>Start at {@link io.github.rlhf4j.core.parallel.Replicas} and {@link io.github.rlhf4j.core.parallel.Shards}.
 */
@NullMarked
package io.github.rlhf4j.core.parallel;

import org.jspecify.annotations.NullMarked;
