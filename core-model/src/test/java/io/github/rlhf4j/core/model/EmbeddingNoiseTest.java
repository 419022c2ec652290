package io.github.rlhf4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class EmbeddingNoiseTest {
    private static final int CHANNELS = 64;
    private static final double ALPHA = 5;

    private final EmbeddingNoise noise = new EmbeddingNoise(ALPHA, CounterRandom.of(7), 3);

    @Test
    void isUniformBetweenPlusAndMinusAlphaOverTheRootOfLengthTimesChannels() {
        int length = 50;
        TokenSequence whole =
                TokenSequence.all(TestModels.ids(2, length)); // its last row is not computed, and counts in L
        double[][] drawn = draw(noise, PackedBatch.ofSingles(List.of(whole)));
        double most = ALPHA / Math.sqrt(length * CHANNELS); // Jain et al. 2023, Algorithm 1

        double sum = 0;
        double squares = 0;
        double largest = 0;
        for (double[] row : drawn) {
            for (double value : row) {
                sum += value;
                squares += value * value;
                largest = Math.max(largest, Math.abs(value));
            }
        }
        int count = drawn.length * CHANNELS; // 3136 draws
        assertThat(sum / count).isCloseTo(0, within(4 * most / Math.sqrt(3.0 * count)));
        assertThat(squares / count).isCloseTo(most * most / 3, within(0.05 * most * most));
        assertThat(largest).isLessThanOrEqualTo(most).isGreaterThan(0.99 * most);
    }

    @Test
    void dependsOnStepAndSequenceAndNotOnWhatElseIsInTheBatch() {
        TokenSequence first = TokenSequence.all(TestModels.ids(2, 9));
        TokenSequence second = TokenSequence.all(TestModels.ids(3, 5));
        double[][] both = draw(noise, PackedBatch.of(List.of(List.of(first), List.of(second)), new int[] {4, 6}));
        double[][] alone = draw(noise, PackedBatch.of(List.of(List.of(second)), new int[] {6}));
        double[][] next = draw(
                new EmbeddingNoise(ALPHA, CounterRandom.of(7), 4),
                PackedBatch.of(List.of(List.of(second)), new int[] {6}));

        assertThat(both[8]).isEqualTo(alone[0]);
        assertThat(both[11]).isEqualTo(alone[3]);
        assertThat(next[0]).isNotEqualTo(alone[0]);
        assertThat(both[0]).isNotEqualTo(both[1]);
    }

    private static double[][] draw(EmbeddingNoise noise, PackedBatch batch) {
        try (NativeMemory memory = new NativeMemory()) {
            Tensor x = memory.allocate(DataType.DOUBLE, batch.rows(), CHANNELS);
            noise.addTo(x, batch);
            double[][] rows = new double[batch.rows()][CHANNELS];
            for (int row = 0; row < rows.length; row++) {
                for (int channel = 0; channel < CHANNELS; channel++) {
                    rows[row][channel] = x.get(row, channel);
                }
            }
            return rows;
        }
    }
}
