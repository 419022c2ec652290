/** Hugging Face model directories: safetensors, config.json and what lies beside them. */
@NullMarked
package io.github.rlhf4j.core.files;

import org.jspecify.annotations.NullMarked;
