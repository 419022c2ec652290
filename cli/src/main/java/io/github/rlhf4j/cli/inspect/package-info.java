/** What a model's directory holds, without loading its weights. Start at {@link io.github.rlhf4j.cli.inspect.ModelInspection}. */
@NullMarked
package io.github.rlhf4j.cli.inspect;

import org.jspecify.annotations.NullMarked;
