package io.github.rlhf4j.ppo;

import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.train.ObjectiveBatch;
import io.github.rlhf4j.core.train.SequenceOutputs;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** PPO's clipped loss over a mini-batch of roll-outs: the policy's part, the value's part, or both where they share a trunk. Gathers {@link PpoStatistics}. */
final class PpoObjective implements Objective<Rollout> {
    /** Which outputs the model has. */
    enum Part {
        POLICY,
        VALUE,
        BOTH
    }

    private final PpoLoss loss;
    private final Part part;
    private final double temperature;

    PpoObjective(PpoLoss loss, Part part, double temperature) {
        this.loss = loss;
        this.part = part;
        this.temperature = temperature;
    }

    @Override
    public List<TokenSequence> layout(Rollout rollout) {
        int positions = part == Part.POLICY ? 0 : rollout.fixed().positions();
        return List.of(
                part == Part.VALUE
                        ? Rollout.valueSequence(rollout.promptIds(), rollout.responseIds(), positions)
                        : Rollout.sequence(rollout.promptIds(), rollout.responseIds(), positions));
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
    public void evaluate(ObjectiveBatch<Rollout> batch) {
        List<PpoResponse> responses = new ArrayList<>();
        List<PpoPrediction> predictions = new ArrayList<>();
        for (int example = 0; example < batch.examples().size(); example++) {
            responses.add(batch.examples().get(example).fixed());
            predictions.add(prediction(batch.sequence(example, 0)));
        }
        MiniBatchSize whole = MiniBatchSize.of(
                batch.stepExamples().stream().map(Rollout::fixed).toList());
        PpoGradient gradient = evaluate(responses, predictions, whole);
        for (int example = 0; example < responses.size(); example++) {
            addGradients(batch.sequence(example, 0), gradient.gradients().get(example));
        }
        batch.addLoss(gradient.loss());
        batch.metrics().gather(PpoStatistics.class, gradient.statistics(), PpoStatistics::merge);
    }

    private PpoGradient evaluate(List<PpoResponse> responses, List<PpoPrediction> predictions, MiniBatchSize whole) {
        return switch (part) {
            case POLICY -> loss.evaluatePolicy(responses, predictions, whole);
            case VALUE -> loss.evaluateValue(responses, predictions, whole);
            case BOTH -> loss.evaluate(responses, predictions, whole);
        };
    }

    private static PpoPrediction prediction(SequenceOutputs outputs) {
        double[] logProbs = new double[outputs.targets()];
        double[] entropies = new double[outputs.targets()];
        for (int t = 0; t < logProbs.length; t++) {
            logProbs[t] = outputs.logProb(t);
            entropies[t] = outputs.statistic(Column.ENTROPY, t);
        }
        double[] values = new double[outputs.scalars()];
        for (int t = 0; t < values.length; t++) {
            values[t] = outputs.scalar(t);
        }
        return new PpoPrediction(logProbs, entropies, values);
    }

    private void addGradients(SequenceOutputs outputs, TokenGradients gradients) {
        for (int t = 0; t < outputs.targets(); t++) {
            outputs.addLogProbGradient(t, gradients.dLogProbs()[t]);
            if (loss.entropyCoef() != 0) {
                outputs.addEntropyGradient(t, gradients.dEntropies()[t]);
            }
        }
        for (int t = 0; t < outputs.scalars(); t++) {
            outputs.addScalarGradient(t, gradients.dValues()[t]);
        }
    }
}
