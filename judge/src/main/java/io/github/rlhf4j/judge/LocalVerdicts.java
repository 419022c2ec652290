package io.github.rlhf4j.judge;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.train.BatchScorer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Verdicts of a model of ours: the log-probabilities of the verdicts' tokens after the question, normalised over the verdicts.
 *
 * <pre>  P(v) = exp(sum of log p(tokens of v | question)) / sum over verdicts</pre>
 *
 * <p>A question that does not fit the model's context has no verdict.
 */
final class LocalVerdicts implements VerdictSource {
    private final LocalModel model;
    private final StageContext context;
    private boolean hasWarned;

    LocalVerdicts(LocalModel model, StageContext context) {
        this.model = model;
        this.context = context;
    }

    @Override
    public List<double[]> ask(List<String> questions, List<String> verdicts) {
        List<List<TokenSequence>> asked = new ArrayList<>();
        List<Integer> fitting = new ArrayList<>();
        for (int i = 0; i < questions.size(); i++) {
            List<TokenSequence> answers = answers(questions.get(i), verdicts);
            if (answers.stream().allMatch(answer -> answer.length() <= model.context())) {
                asked.add(answers);
                fitting.add(i);
            }
        }
        warnOfLong(questions.size() - fitting.size());
        List<double[]> probabilities = new ArrayList<>();
        questions.forEach(question -> probabilities.add(new double[0]));
        List<List<BatchScorer.Scored>> scored =
                asked.isEmpty() ? List.of() : model.shared().score("verdicts", asked, 1, 0);
        for (int i = 0; i < fitting.size(); i++) {
            probabilities.set(
                    fitting.get(i),
                    Verdicts.normalised(scored.get(i).stream()
                            .mapToDouble(BatchScorer.Scored::sumLogProb)
                            .toArray()));
        }
        return probabilities;
    }

    /** A sequence for each verdict; its targets begin where the verdicts begin to differ. */
    private List<TokenSequence> answers(String question, List<String> verdicts) {
        List<int[]> all = verdicts.stream()
                .map(verdict -> model.questions().ids(question, verdict))
                .toList();
        int common = Math.max(1, commonLength(all));
        return all.stream().map(ids -> TokenSequence.completion(ids, common)).toList();
    }

    private static int commonLength(List<int[]> all) {
        int shortest = all.stream().mapToInt(ids -> ids.length).min().orElse(0);
        return IntStream.range(0, shortest)
                .filter(i -> all.stream().anyMatch(ids -> ids[i] != all.get(0)[i]))
                .findFirst()
                .orElse(shortest);
    }

    private void warnOfLong(int count) {
        if (count > 0 && !hasWarned) {
            hasWarned = true;
            context.warn("judge: %d questions do not fit its model's context of %d tokens, so have no verdict"
                    .formatted(count, model.context()));
        }
    }

    @Override
    public void close() {
        model.close();
    }
}
