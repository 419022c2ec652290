package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.stream.IntStream;

/**
 * Cosines and sines of the rotary positions.
 *
 * <p>With dynamic scaling the frequencies of a row depend on how long its sequence is: as soon as a pass has a sequence beyond the trained context, all its rows get entries of their own. Sequences that share a
 * prefix take the length of the longest of them, as transformers does for the sequences of a batch.
 */
final class RotaryTable implements AutoCloseable {
    private static final int[] NONE = {};

    private final ModelConfig config;
    private final Positions.Rotary rotary;
    private final Tensor cosines; // (positions, D / 2)
    private final Tensor sines; // (positions, D / 2)
    private final ActivationBuffer ownCosines; // (N, D / 2)
    private final ActivationBuffer ownSines; // (N, D / 2)

    /** The entries of the rows of a pass: row i is rotated by entry {@code index[i]}. */
    @SuppressWarnings("ArrayRecordComponent")
    record Rotations(int[] index, Tensor cosines, Tensor sines) {}

    RotaryTable(ModelConfig config, Positions.Rotary rotary, DataType type, NativeMemory memory) {
        this.config = config;
        this.rotary = rotary;
        int half = config.headDim() / 2;
        int positions = isDynamic() ? config.maxPositionEmbeddings() : config.maxPositions();
        cosines = memory.allocate(type, positions, half);
        sines = memory.allocate(type, positions, half);
        ownCosines = new ActivationBuffer(type, half);
        ownSines = new ActivationBuffer(type, half);
        float[] frequencies = frequencies(rotary.theta());
        for (int position = 0; position < positions; position++) {
            set(cosines, sines, position, position, frequencies);
        }
    }

    /** Whether a row's entries depend on how long its sequence is. */
    boolean isDynamic() {
        return rotary.scaling().growsWithTheSequence();
    }

    private float[] frequencies(double theta) {
        float[] frequencies = new float[config.headDim() / 2];
        for (int j = 0; j < frequencies.length; j++) {
            frequencies[j] = rotary.scaling().frequency(theta, (float) (2 * j) / config.headDim());
        }
        return frequencies;
    }

    private static void set(Tensor cosine, Tensor sine, int entry, int position, float[] frequencies) {
        for (int j = 0; j < frequencies.length; j++) {
            double angle = position * frequencies[j]; // as transformers: in single precision
            cosine.set(entry, j, Math.cos(angle));
            sine.set(entry, j, Math.sin(angle));
        }
    }

    /** For the rows of a batch. Valid until the next call. */
    Rotations of(PackedBatch batch) {
        int[] lengths = isDynamic() ? batch.sequenceLengths() : NONE;
        return of(batch.positions(), lengths, lengths.length);
    }

    /** For the newest tokens of {@code rows} sequences, which end there. Valid until the next call. */
    Rotations ofLast(int[] positions, int rows) {
        int[] lengths = isDynamic()
                ? IntStream.range(0, rows).map(i -> positions[i] + 1).toArray()
                : NONE;
        return of(positions, lengths, rows);
    }

    /**
     * For rows of sequences of some lengths. Valid until the next call.
     *
     * @param lengths of no use where {@link #isDynamic} is false
     */
    Rotations of(int[] positions, int[] lengths, int rows) {
        if (isDynamic() && longest(lengths, rows) > config.maxPositionEmbeddings()) {
            return own(positions, lengths, rows);
        }
        return new Rotations(positions, cosines, sines);
    }

    private static int longest(int[] lengths, int count) {
        return IntStream.of(lengths).limit(count).max().orElse(0);
    }

    private Rotations own(int[] positions, int[] lengths, int rows) {
        Tensor cosine = ownCosines.rows(rows);
        Tensor sine = ownSines.rows(rows);
        float[] frequencies = {};
        for (int row = 0; row < rows; row++) {
            if (row == 0 || lengths[row] != lengths[row - 1]) {
                frequencies = frequencies(rotary.scaling()
                        .base(rotary.theta(), config.headDim(), lengths[row], config.maxPositionEmbeddings()));
            }
            set(cosine, sine, row, positions[row], frequencies);
        }
        return new Rotations(IntStream.range(0, rows).toArray(), cosine, sine);
    }

    @Override
    public void close() {
        ownCosines.close();
        ownSines.close();
    }
}
