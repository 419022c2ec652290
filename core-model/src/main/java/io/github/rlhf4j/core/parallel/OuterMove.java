package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.model.Parameter;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tensor.Tensor;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Moves a model by the mean of differences in files, which are read piece by piece, all at once: in memory there is a piece of each. */
final class OuterMove {
    private final List<Tensor> weights;
    private final List<Tensor> velocities;
    private final Replicas.Settings settings;

    /** @param velocity by parameter; empty without momentum */
    OuterMove(Transformer model, Map<String, Tensor> velocity, Replicas.Settings settings) {
        List<Parameter> parameters = model.trained().all();
        this.weights = parameters.stream().map(Parameter::value).toList();
        this.velocities = velocity.isEmpty()
                ? List.of()
                : parameters.stream()
                        .map(parameter -> velocity.get(parameter.name()))
                        .toList();
        this.settings = settings;
    }

    /**
     * Moves it.
     *
     * @param differences in the order of the replicas
     * @return the L2 norm of the mean difference
     */
    double apply(List<Path> differences) {
        List<DataInputStream> open = new ArrayList<>();
        try {
            for (Path file : differences) {
                open.add(new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16)));
            }
            return Math.sqrt(squares(open));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the differences of a round", e);
        } finally {
            open.forEach(OuterMove::close);
        }
    }

    private double squares(List<DataInputStream> differences) throws IOException {
        DifferenceType type = settings.difference();
        OuterOptimizer outer = settings.outer();
        float[] values = new float[WeightPieces.LONGEST];
        float[] velocity = new float[WeightPieces.LONGEST];
        double[] sums = new double[WeightPieces.LONGEST];
        ByteBuffer bytes = ByteBuffer.allocate(type.bytes(WeightPieces.LONGEST));
        double[] squares = new double[1];
        WeightPieces.visit(weights, (tensor, row, from, count) -> {
            WeightPieces.get(weights.get(tensor), row, from, values, count);
            Arrays.fill(sums, 0, count, 0);
            for (DataInputStream difference : differences) {
                difference.readFully(bytes.array(), 0, type.bytes(count));
                type.addTo(sums, values, count, bytes.clear());
            }
            if (!velocities.isEmpty()) {
                WeightPieces.get(velocities.get(tensor), row, from, velocity, count);
            }
            squares[0] += outer.stepInPlace(values, velocity, sums, settings.replicas(), count);
            if (!velocities.isEmpty()) {
                WeightPieces.put(velocities.get(tensor), row, from, velocity, count);
            }
            WeightPieces.put(weights.get(tensor), row, from, values, count);
        });
        return squares[0];
    }

    private static void close(DataInputStream stream) {
        try {
            stream.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the differences of a round", e);
        }
    }
}
