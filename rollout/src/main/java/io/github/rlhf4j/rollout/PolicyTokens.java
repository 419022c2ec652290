package io.github.rlhf4j.rollout;

import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.tokenizer.Tokenizer;

/**
 * The model that responds, as reward models must know it: those with another tokenizer read texts.
 *
 * @param model it
 * @param tokenizer its own
 * @param splitSpecialTokens whether the text of a special token in prompts stays text
 */
public record PolicyTokens(ModelReference model, Tokenizer tokenizer, boolean splitSpecialTokens) {}
