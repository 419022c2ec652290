/** AdamW, gradient clipping and learning-rate schedules. Start at {@link io.github.rlhf4j.core.optim.AdamW}. */
@NullMarked
package io.github.rlhf4j.core.optim;

import org.jspecify.annotations.NullMarked;
