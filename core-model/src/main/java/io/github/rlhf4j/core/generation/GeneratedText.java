package io.github.rlhf4j.core.generation;

/**
 * A continuation with its text.
 *
 * @param text of the new tokens, special tokens left out; what follows the prompt's text
 * @param tokens what was sampled
 */
public record GeneratedText(String text, Generated tokens) {}
