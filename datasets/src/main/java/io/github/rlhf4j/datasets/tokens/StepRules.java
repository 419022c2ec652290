package io.github.rlhf4j.datasets.tokens;

/**
 * How answers in steps become examples; see {@link TokenCache#steps}.
 *
 * @param separator what ends each step
 * @param longestCompletion tokens; 0: no limit
 * @param lastStepOnly whether the last step's label alone counts
 */
record StepRules(String separator, int longestCompletion, boolean lastStepOnly) {}
