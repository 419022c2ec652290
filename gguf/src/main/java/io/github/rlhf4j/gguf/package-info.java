/**
 * Models as GGUF files, which llama.cpp reads, and models from such files: hyperparameters, names of tensors, types of
 * numbers and tokenizers, as llama.cpp's convert_hf_to_gguf.py and llama-quantize have them. Start at
 * {@link io.github.rlhf4j.gguf.GgufExport} and {@link io.github.rlhf4j.gguf.GgufModel}.
 */
@NullMarked
package io.github.rlhf4j.gguf;

import org.jspecify.annotations.NullMarked;
