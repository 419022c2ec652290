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
 *   mean over responses i of  -s_i min(r_i A_i, clip(r_i, 1 - low, 1 + high) A_i),      r_i = exp(sum over t of w_it (log p(t) - old log p(t)))
 *   s_i, w_it: 1; where the sampler had rounded weights, what {@link SamplerConfig} makes of exp(old log p - sampler's): s_i by response, or w_it by token
 * </pre>
 *
 * <p>At the first update the ratio is 1, and the gradient is that of -A_i sum over t of s_i w_it log p(t): REINFORCE with importance weights by response or by token. TRL's RLOOTrainer corrects nothing.
 *
 * <p>A masked response has the ratio 1 and no gradient.
 */
final class RlooObjective implements Objective<Completions> {
    private final TokenLoss loss;
    private final SamplerConfig sampler;
    private final double temperature;

    /** @param temperature of sampling */
    RlooObjective(RlooClipConfig clipping, SamplerConfig sampler, double temperature) {
        this.loss = new ClippedLoss(clipping.low(), clipping.high(), Double.POSITIVE_INFINITY);
        this.sampler = sampler;
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
                evaluate(completions.get(i), batch.sequence(example, i), responses, batch);
            }
        }
    }

    private void evaluate(
            Completion completion, SequenceOutputs outputs, int responses, ObjectiveBatch<Completions> batch) {
        if (completion.masked()) {
            batch.addLoss(loss.at(1, 0, completion.advantage()).loss() / responses);
            loss.count(new double[] {1}, completion.advantage(), batch.metrics());
            return;
        }
        double[] importance = sampler.weights(completion);
        double ofResponse = sampler.ofResponse(importance);
        double ratio = ratio(completion, outputs, importance);
        TokenTerm term = loss.at(ratio, 0, completion.advantage());
        batch.addLoss(ofResponse * term.loss() / responses);
        loss.count(new double[] {ratio}, completion.advantage(), batch.metrics());
        double byLogRatio = ofResponse * term.byRatio() * ratio / responses; // d ratio / d its logarithm = ratio
        for (int t = 0; t < outputs.targets(); t++) {
            outputs.addLogProbGradient(t, sampler.ofToken(importance, t) * byLogRatio);
        }
        batch.metrics().mean("entropy", outputs.sum(Column.ENTROPY), outputs.targets());
    }

    private double ratio(Completion completion, SequenceOutputs outputs, double[] importance) {
        double sum = 0;
        for (int t = 0; t < outputs.targets(); t++) {
            double now = outputs.logProb(t);
            sum += sampler.ofToken(importance, t) * (now - completion.oldLogProb(t, now));
        }
        return Math.exp(sum);
    }
}
