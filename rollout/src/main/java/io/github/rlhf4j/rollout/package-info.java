/**
 * Roll-outs: a policy's samples, in groups of one prompt, with their rewards and log-probabilities. PPO learns from them; so do other methods that learn from samples.
 *
 * <p>Start at {@link io.github.rlhf4j.rollout.RolloutEngine}, and at {@link io.github.rlhf4j.rollout.RewardFunction} for a reward of your own.
 */
@NullMarked
package io.github.rlhf4j.rollout;

import org.jspecify.annotations.NullMarked;
