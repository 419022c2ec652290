/**
 * Learning from groups of responses to a prompt, each compared with the others: group relative policy optimisation and its kin (Shao et al. 2024, arXiv:2402.03300), RLOO (Ahmadian et al. 2024, arXiv:2402.14740). Start at {@link io.github.rlhf4j.grpo.GroupTrainer}.
 */
@NullMarked
package io.github.rlhf4j.grpo;

import org.jspecify.annotations.NullMarked;
