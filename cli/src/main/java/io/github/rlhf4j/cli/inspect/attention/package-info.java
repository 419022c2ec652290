/** Which tokens a model attends to. Start at {@link io.github.rlhf4j.cli.inspect.attention.AttentionInspection}. */
@NullMarked
package io.github.rlhf4j.cli.inspect.attention;

import org.jspecify.annotations.NullMarked;
