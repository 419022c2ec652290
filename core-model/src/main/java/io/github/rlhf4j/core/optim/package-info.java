/** AdamW, gradient clipping and learning-rate schedules. */
@NullMarked
package io.github.rlhf4j.core.optim;

import org.jspecify.annotations.NullMarked;
