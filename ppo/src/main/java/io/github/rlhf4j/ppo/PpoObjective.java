package io.github.rlhf4j.ppo;

import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.train.ObjectiveBatch;
import io.github.rlhf4j.core.train.SequenceOutputs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * PPO's clipped loss over a mini-batch: the policy's part, the value's part, or both where they share a trunk. Gathers {@link PpoStatistics}.
 *
 * <p>With a {@link io.github.rlhf4j.core.train.ModelTrainer} it is one update:
 *
 * <pre>  trainer.optimize(List.of(WeightedObjective.of(experience, PpoObjective.ofPolicy(loss, temperature))))</pre>
 */
public final class PpoObjective implements Objective<Experience> {
    private static final int[] NONE = {};

    /** Which outputs the model has. */
    private enum Part {
        POLICY,
        VALUE,
        BOTH
    }

    private final PpoLoss loss;
    private final Part part;
    private final double temperature;

    private PpoObjective(PpoLoss loss, Part part, double temperature) {
        this.loss = loss;
        this.part = part;
        this.temperature = temperature;
    }

    /**
     * The loss of a policy whose value model is one of its own.
     *
     * @param temperature of sampling, > 0
     */
    public static PpoObjective ofPolicy(PpoLoss loss, double temperature) {
        return new PpoObjective(loss, Part.POLICY, temperature);
    }

    /** The loss of a value model of its own. */
    public static PpoObjective ofValue(PpoLoss loss) {
        return new PpoObjective(loss, Part.VALUE, 1);
    }

    /**
     * The loss of a policy with a value head on its trunk.
     *
     * @param temperature of sampling, > 0
     */
    public static PpoObjective ofBoth(PpoLoss loss, double temperature) {
        return new PpoObjective(loss, Part.BOTH, temperature);
    }

    @Override
    public List<TokenSequence> layout(Experience experience) {
        TokenSequence sequence = experience.sequence();
        if (part == Part.POLICY) {
            return List.of(sequence);
        }
        int[] rows = new int[experience.positions()]; // a value is read at the row before its token
        Arrays.setAll(rows, t -> sequence.targets()[0] - 1 + t);
        return List.of(new TokenSequence(sequence.ids(), part == Part.VALUE ? NONE : sequence.targets(), rows));
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
    public void evaluate(ObjectiveBatch<Experience> batch) {
        List<Experience> experience = batch.examples();
        List<PolicyOutputs> outputs = new ArrayList<>();
        for (int example = 0; example < experience.size(); example++) {
            outputs.add(outputs(batch.sequence(example, 0)));
        }
        PpoGradient gradient = evaluate(experience, outputs, MiniBatchSize.of(batch.stepExamples()));
        for (int example = 0; example < experience.size(); example++) {
            addGradients(batch.sequence(example, 0), gradient.gradients().get(example));
        }
        batch.addLoss(gradient.loss());
        batch.metrics().gather(PpoStatistics.class, gradient.statistics(), PpoStatistics::merge);
    }

    private PpoGradient evaluate(List<Experience> experience, List<PolicyOutputs> outputs, MiniBatchSize whole) {
        return switch (part) {
            case POLICY -> loss.evaluatePolicy(experience, outputs, whole);
            case VALUE -> loss.evaluateValue(experience, outputs, whole);
            case BOTH -> loss.evaluate(experience, outputs, whole);
        };
    }

    private static PolicyOutputs outputs(SequenceOutputs sequence) {
        double[] logProbs = new double[sequence.targets()];
        double[] entropies = new double[sequence.targets()];
        for (int t = 0; t < logProbs.length; t++) {
            logProbs[t] = sequence.logProb(t);
            entropies[t] = sequence.statistic(Column.ENTROPY, t);
        }
        double[] values = new double[sequence.scalars()];
        for (int t = 0; t < values.length; t++) {
            values[t] = sequence.scalar(t);
        }
        return new PolicyOutputs(logProbs, entropies, values);
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
