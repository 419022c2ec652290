/**
 * Proximal policy optimisation from a reward (Schulman et al. 2017, arXiv:1707.06347; Ziegler et al. 2019,
 * arXiv:1909.08593; Ouyang et al. 2022, arXiv:2203.02155). Start at {@link io.github.rlhf4j.ppo.PpoTrainer}.
 */
@NullMarked
package io.github.rlhf4j.ppo;

import org.jspecify.annotations.NullMarked;
