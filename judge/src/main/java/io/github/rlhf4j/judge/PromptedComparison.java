package io.github.rlhf4j.judge;

import java.util.List;
import java.util.Map;

/** A model that is asked which of two responses is better. */
final class PromptedComparison implements PairwiseJudge {
    private final PromptedJudge prompts;
    private final List<String> verdicts;
    private final VerdictSource model;

    /** @param verdicts the first response's and the second's */
    PromptedComparison(PromptedJudge prompts, List<String> verdicts, VerdictSource model) {
        this.prompts = prompts;
        this.verdicts = List.copyOf(verdicts);
        this.model = model;
    }

    @Override
    public double[] compare(List<Pair> pairs) {
        return model.ask(pairs.stream().map(this::question).toList(), verdicts).stream()
                .mapToDouble(probabilities -> probabilities.length == 0 ? Double.NaN : probabilities[0])
                .toArray();
    }

    private String question(Pair pair) {
        return prompts.question(
                pair.prompt(),
                Map.of(
                        JudgePrompts.FIRST, pair.first().strip(),
                        JudgePrompts.SECOND, pair.second().strip()),
                List.of(pair.first(), pair.second()));
    }
}
