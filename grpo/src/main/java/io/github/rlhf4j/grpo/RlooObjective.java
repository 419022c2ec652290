package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.train.ObjectiveBatch;
import io.github.rlhf4j.core.train.SequenceOutputs;
import java.util.List;
import java.util.Set;

/**
 * The loss of RLOO over the responses of a step, as TRL 1.16 has it: one ratio a response, that of its whole probability.
 *
 * <pre>
 *   mean over responses i of  -min(r_i A_i, clip(r_i, 1 - low, 1 + high) A_i),      r_i = exp(sum over t of (log p(t) - old log p(t)))
 * </pre>
 *
 * <p>A masked response has the ratio 1 and no gradient.
 */
final class RlooObjective implements Objective<Completions> {
    private final TokenLoss loss;
    private final double temperature;

    /** @param temperature of sampling */
    RlooObjective(RlooClipConfig clipping, double temperature) {
        this.loss = new ClippedLoss(clipping.low(), clipping.high(), Double.POSITIVE_INFINITY);
        this.temperature = temperature;
    }

    @Override
    public List<TokenSequence> layout(Completions part) {
        return part.list().stream().map(Completion::sequence).toList();
    }

    @Override
    public Set<Column> statistics() {
        return Set.of(Column.LOG_PROB, Column.ENTROPY);
    }

    @Override
    public double temperature() {
        return temperature;
    }

    @Override
    public void evaluate(ObjectiveBatch<Completions> batch) {
        int responses = batch.stepExamples().stream()
                .mapToInt(part -> part.list().size())
                .sum();
        for (int example = 0; example < batch.examples().size(); example++) {
            List<Completion> completions = batch.examples().get(example).list();
            for (int i = 0; i < completions.size(); i++) {
                Completion completion = completions.get(i);
                SequenceOutputs outputs = batch.sequence(example, i);
                double ratio = completion.masked() ? 1 : ratio(completion, outputs);
                TokenTerm term = loss.at(ratio, 0, completion.advantage());
                batch.addLoss(term.loss() / responses);
                loss.count(new double[] {ratio}, completion.advantage(), batch.metrics());
                if (!completion.masked()) {
                    outputs.addSumLogProbGradient(term.byRatio() * ratio / responses); // d ratio / d log-prob = ratio
                    batch.metrics().mean("entropy", outputs.sum(Column.ENTROPY), outputs.targets());
                }
            }
        }
    }

    private static double ratio(Completion completion, SequenceOutputs outputs) {
        double sum = 0;
        for (int t = 0; t < outputs.targets(); t++) {
            double now = outputs.logProb(t);
            sum += now - completion.oldLogProb(t, now);
        }
        return Math.exp(sum);
    }
}
