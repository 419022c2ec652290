/**
 * Text to token ids and back: tokenizer.json files, and training of byte-level BPE (Sennrich et al. 2016,
 * arXiv:1508.07909). Start at {@link io.github.rlhf4j.core.tokenizer.Tokenizer}.
 */
@NullMarked
package io.github.rlhf4j.core.tokenizer;

import org.jspecify.annotations.NullMarked;
