/**
 * Generalised knowledge distillation: a student imitates a teacher's distributions, on data and on its own samples.
 *
 * <p>Start at {@link io.github.rlhf4j.distill.DistillConfig}. Source: Agarwal et al. 2024, arXiv:2306.13649.
 */
@NullMarked
package io.github.rlhf4j.distill;

import org.jspecify.annotations.NullMarked;
