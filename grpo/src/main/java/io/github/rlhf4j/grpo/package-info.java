/**
 * Group relative policy optimisation: several responses to a prompt, each judged by its distance from their mean reward (Shao et al. 2024, arXiv:2402.03300). Start at {@link io.github.rlhf4j.grpo.GroupTrainer}.
 */
@NullMarked
package io.github.rlhf4j.grpo;

import org.jspecify.annotations.NullMarked;
