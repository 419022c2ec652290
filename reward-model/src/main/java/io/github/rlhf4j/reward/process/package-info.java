/**
 * Process reward models: a score at the end of each step of an answer (Uesato et al. 2022, arXiv:2211.14275; Lightman et al. 2023, arXiv:2305.20050). Start at {@link io.github.rlhf4j.reward.process.ProcessRewardTrainer}.
 */
@NullMarked
package io.github.rlhf4j.reward.process;

import org.jspecify.annotations.NullMarked;
