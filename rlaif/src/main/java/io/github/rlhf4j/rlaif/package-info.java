/**
 * Reinforcement learning from AI feedback (Bai et al. 2022, arXiv:2212.08073): answers that are revised after a critique, and pairs of answers with the preferences of a judge, as datasets for later stages. Start at {@link
 * io.github.rlhf4j.rlaif.ReviseStage} and {@link io.github.rlhf4j.rlaif.JudgingStage}.
 */
@NullMarked
package io.github.rlhf4j.rlaif;

import org.jspecify.annotations.NullMarked;
