/**
 * Reward models: a scalar head trained on rankings (Ouyang et al. 2022, arXiv:2203.02155, Eq. 1). Start at {@link
 * io.github.rlhf4j.reward.RewardTrainer}.
 */
@NullMarked
package io.github.rlhf4j.reward;

import org.jspecify.annotations.NullMarked;
