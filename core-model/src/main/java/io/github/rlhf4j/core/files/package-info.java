/**
 * Hugging Face model folders: safetensors, config.json and the files beside them. Start at {@link
 * io.github.rlhf4j.core.files.ModelDirectory}.
 */
@NullMarked
package io.github.rlhf4j.core.files;

import org.jspecify.annotations.NullMarked;
