/**
 * Pre-training and supervised fine-tuning (Ouyang et al. 2022, arXiv:2203.02155). Start at {@link
 * io.github.rlhf4j.sft.SftTrainer}.
 */
@NullMarked
package io.github.rlhf4j.sft;

import org.jspecify.annotations.NullMarked;
