/** Text to token ids and back: tokenizer.json files and byte-level BPE training. */
@NullMarked
package io.github.rlhf4j.core.tokenizer;

import org.jspecify.annotations.NullMarked;
