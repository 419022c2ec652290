package io.github.rlhf4j.cli.verify;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.ForwardRequest;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Outputs;
import io.github.rlhf4j.core.model.PackedBatch;
import io.github.rlhf4j.core.model.Parameter;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.Set;

/** The gradient of every weight of a small model against central differences, in double: of a sum of log-probs and values with random factors. */
final class GradientCheck {
    private static final double STEP = 1e-5;
    private static final int ELEMENTS = 3; // of each weight
    private static final CounterRandom RANDOM = CounterRandom.of(42);

    private final Transformer model;
    private final PackedBatch batch;
    private final double[] ofLogProbs;
    private final double[] ofScalars;
    private final Outputs outputs = new Outputs();

    private GradientCheck(Transformer model, PackedBatch batch) {
        this.model = model;
        this.batch = batch;
        this.ofLogProbs = factors(batch.targets(), "log-probs");
        this.ofScalars = factors(batch.scalars(), "reads");
    }

    private static double[] factors(int count, String name) {
        double[] factors = new double[count];
        for (int i = 0; i < count; i++) {
            factors[i] = RANDOM.derive(name).gaussian(i);
        }
        return factors;
    }

    /** The largest difference, relative to the gradient where that is above 1. */
    static double largestDifference(GoldenModel golden, Kernels doubles) {
        PackedBatch batch = PackedBatch.ofSingles(golden.sequences().stream()
                .limit(2)
                .map(TokenSequence::withValuesOfTargets)
                .toList());
        try (Transformer model =
                Transformer.load(golden.directory(), Set.of(Head.LANGUAGE, Head.SCALAR), doubles, RANDOM)) {
            return new GradientCheck(model, batch).largestDifference();
        }
    }

    private double largestDifference() {
        model.parameters().enableGradients();
        model.forward(batch, request().forTraining(), outputs);
        model.backward(batch, ofLogProbs, new double[0], ofScalars);
        double largest = 0;
        for (Parameter parameter : model.parameters().all()) {
            Tensor value = parameter.value();
            Tensor gradient = parameter.gradient().orElseThrow();
            for (int i = 0; i < ELEMENTS; i++) {
                int index = RANDOM.derive(parameter.name()).below(i, Math.toIntExact(value.size()));
                int row = index / value.columns();
                int column = index % value.columns();
                double expected = quotient(value, row, column);
                double difference = Math.abs(gradient.get(row, column) - expected) / Math.max(1, Math.abs(expected));
                largest = Double.isNaN(difference) ? difference : Math.max(largest, difference);
            }
        }
        return largest;
    }

    private double quotient(Tensor value, int row, int column) {
        double kept = value.get(row, column);
        value.set(row, column, kept + STEP);
        double above = loss();
        value.set(row, column, kept - STEP);
        double below = loss();
        value.set(row, column, kept);
        return (above - below) / (2 * STEP);
    }

    private static ForwardRequest request() {
        return ForwardRequest.logProbs().withScalars();
    }

    private double loss() {
        model.forward(batch, request(), outputs);
        double loss = 0;
        for (int i = 0; i < ofLogProbs.length; i++) {
            loss += ofLogProbs[i] * outputs.logProbs()[i];
        }
        for (int i = 0; i < ofScalars.length; i++) {
            loss += ofScalars[i] * outputs.scalars()[i];
        }
        return loss;
    }
}
