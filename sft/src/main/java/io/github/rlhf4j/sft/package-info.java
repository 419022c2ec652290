/** Pre-training and supervised fine-tuning. */
@NullMarked
package io.github.rlhf4j.sft;

import org.jspecify.annotations.NullMarked;
