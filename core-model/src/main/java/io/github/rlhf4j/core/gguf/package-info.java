/**
 * The file format GGUF, as ggml reads and writes it: metadata, the types of tensors, and blocks of numbers of fewer bits.
 * Start at {@link io.github.rlhf4j.core.gguf.GgufFile}.
 */
@NullMarked
package io.github.rlhf4j.core.gguf;

import org.jspecify.annotations.NullMarked;
