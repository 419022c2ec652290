/**
 * Judges: who says which of several answers is better. Start at {@link io.github.rlhf4j.judge.Judges}; a judge of your own implements {@link io.github.rlhf4j.judge.Judge}.
 *
 * <p>Bai et al. 2022, arXiv:2212.08073; Lee et al. 2023, arXiv:2309.00267; Zheng et al. 2023, arXiv:2306.05685.
 */
@NullMarked
package io.github.rlhf4j.judge;

import org.jspecify.annotations.NullMarked;
