/**
 * A model behind OpenAI's interface: completions and chat completions, streamed or whole, of requests that are batched as they come.
 *
 * <p>Start at {@link io.github.rlhf4j.serve.ModelServer}. A request with a seed has the same text whatever else is asked at the same time.
 */
@NullMarked
package io.github.rlhf4j.serve;

import org.jspecify.annotations.NullMarked;
