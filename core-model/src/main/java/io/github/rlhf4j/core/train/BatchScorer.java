package io.github.rlhf4j.core.train;

import io.github.rlhf4j.core.model.ForwardRequest;
import io.github.rlhf4j.core.model.PackedBatch;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

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
        MicroBatch.Laid<E> laid = MicroBatch.Laid.of(List.copyOf(examples), objective);
        return evaluate(laid, objective, passes.cut(laid, false));
    }

    private <E> Evaluation evaluate(
            MicroBatch.Laid<E> laid, Objective<E> objective, ModelPasses.ByReplica<MicroBatch<E>> batches) {
        EvaluatedBatch.StepTotals<E> totals = laid.totals();
        ModelPasses.ByReplica<EvaluatedBatch<E>> parts = passes.map(batches, (pass, batch) -> {
            pass.model().forward(batch.batch(), request(batch.batch(), objective), pass.outputs());
            return EvaluatedBatch.of(batch, totals, pass.outputs());
        });
        StepMetrics metrics = new StepMetrics();
        JoinedBatch<E> joined = new JoinedBatch<>(parts.all(), totals, metrics);
        objective.evaluate(joined);
        return new Evaluation(joined.loss(), totals.targets(), metrics);
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
        Scoring scoring = new Scoring(temperature);
        evaluate(groups, scoring);
        return scoring.results;
    }

    /**
     * The parts into which {@link #score(List, double)} would cut some groups, for other workers: each has whole micro-batches, so their results are those of the whole, to the bit.
     *
     * @param most parts, >= 1
     */
    public List<ScorePart> cut(List<List<TokenSequence>> groups, int most) {
        var batches = passes.cut(MicroBatch.Laid.of(groups, new Scoring(1)), false);
        List<ScorePart> parts = new ArrayList<>();
        int all = batches.all().size();
        List<MicroBatch<List<TokenSequence>>> onReplicas =
                batches.replicas().stream().flatMap(List::stream).toList();
        add(onReplicas, all, most, true, batches.rowsOnReplicas(), parts);
        add(batches.together(), all, most, false, batches.rowsOnReplicas(), parts);
        return parts;
    }

    /** Contiguous runs of micro-batches, their number in proportion. */
    private static void add(
            List<MicroBatch<List<TokenSequence>>> batches,
            int all,
            int most,
            boolean onReplicas,
            long rowsOnReplicas,
            List<ScorePart> parts) {
        int count = Math.min(batches.size(), Math.max(1, (int) ((long) most * batches.size() / Math.max(1, all))));
        for (int part = 0; part < count; part++) {
            int from = (int) ((long) batches.size() * part / count);
            int to = (int) ((long) batches.size() * (part + 1) / count);
            List<List<List<TokenSequence>>> groups = new ArrayList<>();
            List<Integer> indices = new ArrayList<>();
            for (MicroBatch<List<TokenSequence>> batch : batches.subList(from, to)) {
                groups.add(batch.examples());
                Arrays.stream(batch.indices()).forEach(indices::add);
            }
            parts.add(new ScorePart(groups, indices, onReplicas, rowsOnReplicas));
        }
    }

    /** The scores of a part, group after group of its micro-batches. */
    public List<List<Scored>> score(ScorePart part, double temperature) {
        Scoring scoring = new Scoring(temperature);
        List<List<TokenSequence>> groups =
                part.microBatches().stream().flatMap(List::stream).toList();
        MicroBatch.Laid<List<TokenSequence>> laid = MicroBatch.Laid.of(groups, scoring);
        long[] rows = laid.rows();
        List<MicroBatch<List<TokenSequence>>> batches = new ArrayList<>();
        int from = 0;
        for (List<List<TokenSequence>> batch : part.microBatches()) {
            int[] indices = IntStream.range(from, from + batch.size()).toArray();
            batches.addAll(MicroBatch.cut(laid, rows, indices, Integer.MAX_VALUE, false));
            from += batch.size();
        }
        evaluate(laid, scoring, passes.place(batches, part.onReplicas(), part.rowsOnReplicas()));
        return scoring.results;
    }

    /** Reads what the outputs say. */
    private static final class Scoring implements Objective<List<TokenSequence>> {
        private final double temperature;
        private final List<List<Scored>> results = new ArrayList<>();

        private Scoring(double temperature) {
            this.temperature = temperature;
        }

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
                    scored.add(BatchScorer.scored(batch.sequence(example, sequence)));
                }
                results.add(scored);
            }
        }
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
