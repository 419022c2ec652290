package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.LogitStatistics;
import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import java.util.EnumSet;
import java.util.Optional;

/**
 * A loss that is linear in what a model reports: the sum over sequences of fixed random coefficients times log-probs, entropies and reads. A coefficient depends on the sequence's number and the
 * index in it alone, so the loss is the same however sequences are packed.
 */
final class LinearLoss {
    private final boolean withEntropy;
    private final boolean withScalars;
    private final double temperature;
    private Optional<Dropout> dropout = Optional.empty();
    private double labelSmoothing;
    private Optional<EmbeddingNoise> noise = Optional.empty();

    LinearLoss(boolean withEntropy, boolean withScalars, double temperature) {
        this.withEntropy = withEntropy;
        this.withScalars = withScalars;
        this.temperature = temperature;
    }

    LinearLoss withDropout(Dropout wanted) {
        dropout = Optional.of(wanted);
        return this;
    }

    LinearLoss withSmoothedTargetsAndNoise(double epsilon, EmbeddingNoise wanted) {
        labelSmoothing = epsilon;
        noise = Optional.of(wanted);
        return this;
    }

    ForwardRequest request(boolean forBackward) {
        EnumSet<Column> columns = EnumSet.of(Column.LOG_PROB);
        if (withEntropy) {
            columns.add(Column.ENTROPY);
        }
        return new ForwardRequest(
                columns, temperature, withScalars, forBackward, dropout, labelSmoothing, noise, Optional.empty(), 0);
    }

    /** Coefficients of one kind, by index into the batch's targets or reads. */
    private static double[] coefficients(PackedBatch batch, int firstSequence, int kind) {
        double[] result = new double[kind == 2 ? batch.scalars() : batch.targets()];
        for (int sequence = 0; sequence < batch.sequences(); sequence++) {
            CounterRandom random = CounterRandom.of(kind).derive(firstSequence + sequence);
            int count = kind == 2 ? batch.scalars(sequence) : batch.targets(sequence);
            for (int j = 0; j < count; j++) {
                int index = kind == 2 ? batch.scalarIndex(sequence, j) : batch.targetIndex(sequence, j);
                result[index] += random.gaussian(j);
            }
        }
        return result;
    }

    double value(Transformer model, PackedBatch batch, int firstSequence) {
        Outputs out = new Outputs();
        model.forward(batch, request(false), out);
        return value(batch, firstSequence, out);
    }

    private double value(PackedBatch batch, int firstSequence, Outputs out) {
        LogitStatistics statistics = out.statistics();
        double loss = dot(coefficients(batch, firstSequence, 0), statistics.column(Column.LOG_PROB));
        loss += withEntropy ? dot(coefficients(batch, firstSequence, 1), statistics.column(Column.ENTROPY)) : 0;
        loss += withScalars ? dot(coefficients(batch, firstSequence, 2), out.scalars()) : 0;
        return loss;
    }

    /** Adds the gradient and returns the loss. */
    double backward(Transformer model, PackedBatch batch, int firstSequence) {
        Outputs out = new Outputs();
        model.forward(batch, request(true), out);
        model.backward(
                batch,
                coefficients(batch, firstSequence, 0),
                withEntropy ? coefficients(batch, firstSequence, 1) : new double[0],
                withScalars ? coefficients(batch, firstSequence, 2) : new double[0]);
        return value(batch, firstSequence, out);
    }

    /** The same through {@link Transformer#forwardBackward}; log-probs only. */
    double forwardBackward(Transformer model, PackedBatch batch, int firstSequence) {
        Outputs out = new Outputs();
        model.forwardBackward(batch, request(false), coefficients(batch, firstSequence, 0), out);
        return value(batch, firstSequence, out);
    }

    private static double dot(double[] coefficients, double[] values) {
        double sum = 0;
        for (int i = 0; i < coefficients.length; i++) {
            sum += coefficients[i] * values[i];
        }
        return sum;
    }
}
