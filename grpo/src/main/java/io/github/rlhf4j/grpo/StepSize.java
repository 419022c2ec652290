package io.github.rlhf4j.grpo;

import java.util.List;

/**
 * The size of an optimiser step, however it is cut.
 *
 * @param responses all of them, masked ones too
 * @param tokens of those that are not masked
 * @param tokensOfGeneration the same in the mean over the steps that share a generation, >= 1 / the number of steps
 * @param longest a response may be, tokens
 */
record StepSize(int responses, long tokens, double tokensOfGeneration, int longest) {
    static StepSize of(List<Completions> parts, double tokensOfGeneration, int longest) {
        int responses = 0;
        long tokens = 0;
        for (Completions part : parts) {
            for (Completion completion : part.list()) {
                responses++;
                tokens += completion.lossTokens();
            }
        }
        return new StepSize(responses, tokens, tokensOfGeneration, longest);
    }
}
