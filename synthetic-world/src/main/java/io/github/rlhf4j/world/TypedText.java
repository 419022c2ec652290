package io.github.rlhf4j.world;

/**
 * A text and its class, as a gap to fill: {@code said + rest of a clause without its last word} and that word.
 *
 * @param said a sentence about somebody that does not say which job the person has, without its full stop
 * @param gap the beginning of a clause that says it: everything before the word for the job
 * @param type the word for the job
 */
public record TypedText(String said, String gap, String type) {}
