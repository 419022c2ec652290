package io.github.rlhf4j.core.train;

import io.github.rlhf4j.core.model.ForwardRequest;
import io.github.rlhf4j.core.model.PackedBatch;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Evaluates objectives, or reads outputs, without gradients: evaluation losses, reference log-probs, values, rewards. */
public final class BatchScorer {
    private final ModelPasses passes;

    /** @param microBatchTokens rows at once */
    public BatchScorer(Transformer model, int microBatchTokens) {
        passes = new ModelPasses(model, microBatchTokens);
    }

    /** What {@link #evaluate} returns. */
    public record Evaluation(double loss, long targets, StepMetrics metrics) {}

    /** An objective over some examples as one step. */
    public <E> Evaluation evaluate(List<E> examples, Objective<E> objective) {
        ModelPasses.ByReplica<MicroBatch<E>> batches = passes.cut(MicroBatch.Laid.of(examples, objective), false);
        long targets = batches.all().stream().mapToLong(MicroBatch::targets).sum();
        var totals = new EvaluatedBatch.StepTotals<>(List.copyOf(examples), targets, 0);
        ModelPasses.ByReplica<EvaluatedBatch<E>> parts = passes.map(batches, (pass, batch) -> {
            pass.model().forward(batch.batch(), request(batch.batch(), objective), pass.outputs());
            return EvaluatedBatch.of(batch, totals, pass.outputs());
        });
        StepMetrics metrics = new StepMetrics();
        JoinedBatch<E> joined = new JoinedBatch<>(parts.all(), totals, metrics);
        objective.evaluate(joined);
        return new Evaluation(joined.loss(), targets, metrics);
    }

    private static ForwardRequest request(PackedBatch batch, Objective<?> objective) {
        return new ForwardRequest(
                batch.targets() > 0 ? objective.statistics() : Set.of(),
                objective.temperature(),
                batch.scalars() > 0,
                false,
                Optional.empty(),
                objective.labelSmoothing(),
                Optional.empty(),
                objective.teacher(),
                0);
    }

    /** Outputs of one sequence: log-probs of its targets (nats), values of the scalar head. */
    public record Scored(double[] logProbs, double[] scalars) implements Serializable {
        /** The sum of the log-probs. */
        public double sumLogProb() {
            double sum = 0;
            for (double logProb : logProbs) {
                sum += logProb;
            }
            return sum;
        }
    }

    /**
     * Log-probs and head values of groups of sequences; the sequences of a group share their common prefix.
     *
     * @return one list a group, in order
     */
    public List<List<Scored>> score(List<List<TokenSequence>> groups, double temperature) {
        List<List<Scored>> results = new ArrayList<>();
        evaluate(groups, new Objective<List<TokenSequence>>() {
            @Override
            public List<TokenSequence> layout(List<TokenSequence> group) {
                return group;
            }

            @Override
            public double temperature() {
                return temperature;
            }

            @Override
            public void evaluate(ObjectiveBatch<List<TokenSequence>> batch) {
                for (int example = 0; example < batch.examples().size(); example++) {
                    List<Scored> scored = new ArrayList<>();
                    for (int sequence = 0; sequence < batch.sequences(example); sequence++) {
                        scored.add(scored(batch.sequence(example, sequence)));
                    }
                    results.add(scored);
                }
            }
        });
        return results;
    }

    private static Scored scored(SequenceOutputs outputs) {
        double[] logProbs = new double[outputs.targets()];
        for (int target = 0; target < logProbs.length; target++) {
            logProbs[target] = outputs.logProb(target);
        }
        double[] scalars = new double[outputs.scalars()];
        for (int i = 0; i < scalars.length; i++) {
            scalars[i] = outputs.scalar(i);
        }
        return new Scored(logProbs, scalars);
    }
}
