/** What a model's directory holds, without loading its weights. Start at {@link io.github.rlhf4j.pipeline.inspect.ModelInspection}. */
@NullMarked
package io.github.rlhf4j.pipeline.inspect;

import org.jspecify.annotations.NullMarked;
