package io.github.rlhf4j.core.train;

import io.github.rlhf4j.core.kernels.LogitStatistics;
import io.github.rlhf4j.core.model.Outputs;
import io.github.rlhf4j.core.model.PackedBatch;
import java.util.Arrays;
import java.util.List;

/** One micro-batch of one term on its way through the model: outputs in, gradients out, both kept in arrays that are reused. */
final class EvaluatedBatch<E> implements ObjectiveBatch<E> {
    private final MicroBatch<E> of;
    private final PackedBatch batch;
    private final StepTotals<E> step;
    private final double[][] columns;
    private final double[] scalars;
    private final StepMetrics metrics = new StepMetrics();
    private final double[] dLogProb;
    private final double[] dEntropy;
    private final double[] dScalars;
    private double loss;

    /** Normalisers of a step. */
    record StepTotals<E>(List<E> examples, long targets, long tokens) {}

    /** Outputs of zero, for a linear objective's gradient. */
    EvaluatedBatch(MicroBatch<E> of, StepTotals<E> step) {
        this(of, step, zeros(of.batch().targets()), new double[of.batch().scalars()]);
    }

    private EvaluatedBatch(MicroBatch<E> of, StepTotals<E> step, double[][] columns, double[] scalars) {
        this.of = of;
        this.batch = of.batch();
        this.step = step;
        this.columns = columns;
        this.scalars = scalars;
        this.dLogProb = new double[batch.targets()];
        this.dEntropy = new double[batch.targets()];
        this.dScalars = new double[batch.scalars()];
    }

    /** A copy of the model's outputs, so that they survive the next forward pass. */
    static <E> EvaluatedBatch<E> of(MicroBatch<E> micro, StepTotals<E> step, Outputs outputs) {
        LogitStatistics.Column[] all = LogitStatistics.Column.values();
        double[][] columns = new double[all.length][];
        for (LogitStatistics.Column column : all) {
            columns[column.ordinal()] = Arrays.copyOf(
                    outputs.statistics().column(column), micro.batch().targets());
        }
        return new EvaluatedBatch<>(
                micro,
                step,
                columns,
                Arrays.copyOf(outputs.scalars(), micro.batch().scalars()));
    }

    private static double[][] zeros(int targets) {
        double[][] columns = new double[LogitStatistics.Column.values().length][];
        Arrays.fill(columns, new double[targets]);
        return columns;
    }

    double[] dLogProb() {
        return dLogProb;
    }

    double[] dEntropy() {
        return dEntropy;
    }

    double[] dScalars() {
        return dScalars;
    }

    double loss() {
        return loss;
    }

    @Override
    public List<E> examples() {
        return of.examples();
    }

    /** What it is of. */
    MicroBatch<E> of() {
        return of;
    }

    @Override
    public List<E> stepExamples() {
        return step.examples();
    }

    @Override
    public long stepTargets() {
        return step.targets();
    }

    @Override
    public int sequences(int example) {
        return of.firstSequence()[example + 1] - of.firstSequence()[example];
    }

    @Override
    public void addLoss(double more) {
        loss += more;
    }

    @Override
    public StepMetrics metrics() {
        return metrics;
    }

    @Override
    public SequenceOutputs sequence(int example, int sequence) {
        return new View(of.firstSequence()[example] + sequence);
    }

    private final class View implements SequenceOutputs {
        private final int sequence;

        private View(int sequence) {
            this.sequence = sequence;
        }

        @Override
        public int targets() {
            return batch.targets(sequence);
        }

        @Override
        public double logProb(int target) {
            return statistic(LogitStatistics.Column.LOG_PROB, target);
        }

        @Override
        public double statistic(LogitStatistics.Column column, int target) {
            return columns[column.ordinal()][batch.targetIndex(sequence, target)];
        }

        @Override
        public int scalars() {
            return batch.scalars(sequence);
        }

        @Override
        public double scalar(int scalar) {
            return scalars[batch.scalarIndex(sequence, scalar)];
        }

        @Override
        public void addLogProbGradient(int target, double gradient) {
            dLogProb[batch.targetIndex(sequence, target)] += gradient;
        }

        @Override
        public void addEntropyGradient(int target, double gradient) {
            dEntropy[batch.targetIndex(sequence, target)] += gradient;
        }

        @Override
        public void addScalarGradient(int scalar, double gradient) {
            dScalars[batch.scalarIndex(sequence, scalar)] += gradient;
        }
    }
}
