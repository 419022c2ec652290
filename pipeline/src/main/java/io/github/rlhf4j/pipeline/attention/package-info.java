/** Which tokens a model attends to. Start at {@link io.github.rlhf4j.pipeline.attention.AttentionInspection}. */
@NullMarked
package io.github.rlhf4j.pipeline.attention;

import org.jspecify.annotations.NullMarked;
