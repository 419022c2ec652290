package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.train.ObjectiveBatch;
import io.github.rlhf4j.core.train.SequenceOutputs;
import io.github.rlhf4j.core.train.StepMetrics;
import java.util.List;

/** A step whose log-probs and entropies are numbers of the test's, one row a response. */
final class FakeBatch implements ObjectiveBatch<Completions> {
    private final List<Completions> parts;
    final double[][] logProbs;
    final double[][] entropies;
    final double[][] byLogProb;
    final double[][] byEntropy;
    final StepMetrics metrics = new StepMetrics();
    double loss;

    FakeBatch(List<Completions> parts, double[][] logProbs, double[][] entropies) {
        this.parts = parts;
        this.logProbs = logProbs;
        this.entropies = entropies;
        this.byLogProb = zeros(logProbs);
        this.byEntropy = zeros(logProbs);
    }

    private static double[][] zeros(double[][] like) {
        double[][] zeros = new double[like.length][];
        for (int i = 0; i < like.length; i++) {
            zeros[i] = new double[like[i].length];
        }
        return zeros;
    }

    @Override
    public List<Completions> examples() {
        return parts;
    }

    @Override
    public List<Completions> stepExamples() {
        return parts;
    }

    @Override
    public long stepTargets() {
        throw new UnsupportedOperationException();
    }

    @Override
    public SequenceOutputs sequence(int example, int sequence) {
        int before = 0;
        for (Completions part : parts.subList(0, example)) {
            before += part.list().size();
        }
        return new Outputs(before + sequence);
    }

    @Override
    public int sequences(int example) {
        return parts.get(example).list().size();
    }

    @Override
    public void addLoss(double more) {
        loss += more;
    }

    @Override
    public StepMetrics metrics() {
        return metrics;
    }

    private final class Outputs implements SequenceOutputs {
        private final int row;

        private Outputs(int row) {
            this.row = row;
        }

        @Override
        public int targets() {
            return logProbs[row].length;
        }

        @Override
        public double logProb(int target) {
            return logProbs[row][target];
        }

        @Override
        public double statistic(Column column, int target) {
            return column == Column.ENTROPY ? entropies[row][target] : logProbs[row][target];
        }

        @Override
        public int scalars() {
            return 0;
        }

        @Override
        public double scalar(int scalar) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void addLogProbGradient(int target, double gradient) {
            byLogProb[row][target] += gradient;
        }

        @Override
        public void addEntropyGradient(int target, double gradient) {
            byEntropy[row][target] += gradient;
        }

        @Override
        public void addScalarGradient(int scalar, double gradient) {
            throw new UnsupportedOperationException();
        }
    }
}
