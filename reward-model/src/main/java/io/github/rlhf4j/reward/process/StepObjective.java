package io.github.rlhf4j.reward.process;

import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.train.ObjectiveBatch;
import io.github.rlhf4j.datasets.tokens.StepTokens;
import io.github.rlhf4j.datasets.tokens.TokenizedSteps;
import java.util.List;
import java.util.Set;

/**
 * The loss of labelled steps, mean over all steps of the batch, each scored at its last token.
 *
 * <pre>
 *   trainer.optimize(List.of(WeightedObjective.of(rows, new StepObjective()))); // of a model with Head.LABELS
 * </pre>
 */
public final class StepObjective implements Objective<TokenizedSteps> {
    @Override
    public List<TokenSequence> layout(TokenizedSteps steps) {
        return List.of(sequence(steps));
    }

    /** Prompt and answer, read at the end of each labelled step. */
    static TokenSequence sequence(TokenizedSteps steps) {
        StepTokens.Encoded whole = new StepTokens.Encoded(steps.completionIds(), steps.ends()).after(steps.promptIds());
        return new TokenSequence(whole.ids(), new int[0], whole.ends());
    }

    @Override
    public Set<Column> statistics() {
        return Set.of();
    }

    @Override
    public boolean separable() {
        return true;
    }

    @Override
    public void evaluate(ObjectiveBatch<TokenizedSteps> batch) {
        long labels = batch.stepExamples().stream()
                .mapToLong(steps -> steps.labels().length)
                .sum();
        long seen = 0;
        long right = 0;
        for (int example = 0; example < batch.examples().size(); example++) {
            boolean[] expected = batch.examples().get(example).labels();
            for (int step = 0; step < expected.length; step++) {
                double logOdds = batch.sequence(example, 0).scalar(step);
                StepLoss loss = StepLoss.of(logOdds, expected[step]);
                batch.sequence(example, 0).addScalarGradient(step, loss.gradient() / labels);
                batch.addLoss(loss.loss() / labels);
                seen++;
                right += logOdds > 0 == expected[step] ? 1 : 0;
            }
        }
        batch.metrics().mean("accuracy", right, seen);
    }
}
