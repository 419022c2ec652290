/**
 * Best of n: several responses to each prompt, of which the best are kept, as data for later stages or to train on at once.
 *
 * <p>Start at {@link io.github.rlhf4j.bestofn.BestOfNConfig}. Source: Stiennon et al. 2020, arXiv:2009.01325; with rounds Dong et al. 2023 (RAFT), arXiv:2304.06767.
 */
@NullMarked
package io.github.rlhf4j.bestofn;

import org.jspecify.annotations.NullMarked;
