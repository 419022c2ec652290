package io.github.rlhf4j.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CompactMatrixTest {
    private final NativeMemory memory = new NativeMemory(1 << 16);

    @AfterEach
    void close() {
        memory.close();
    }

    private CompactMatrix of(WeightType type, float[]... rows) {
        CompactMatrix matrix = CompactMatrix.allocate(memory, type, rows.length, rows[0].length);
        for (int i = 0; i < rows.length; i++) {
            matrix.set(i, rows[i], 0);
        }
        return matrix;
    }

    private static float[] random(int columns, int seed) {
        CounterRandom random = CounterRandom.of(seed);
        float[] row = new float[columns];
        for (int j = 0; j < columns; j++) {
            row[j] = (float) random.gaussian(j);
        }
        return row;
    }

    @Test
    void holdsBfloat16ToTheBit() {
        for (int columns : new int[] {1, 15, 16, 17, 31, 32, 33, 100}) {
            float[] row = random(columns, columns);
            for (int j = 0; j < columns; j++) {
                row[j] = Float.intBitsToFloat(Float.floatToRawIntBits(row[j]) & 0xFFFF0000);
            }
            CompactMatrix matrix = of(WeightType.BFLOAT16, new float[columns], row);
            for (int j = 0; j < columns; j++) {
                assertThat(matrix.get(1, j)).isEqualTo(row[j]);
                assertThat(matrix.get(0, j)).isZero();
            }
        }
    }

    @Test
    void roundsToTheNearestBfloat16TiesToEven() {
        // The step at 1 is 2^-7. Halves go to the even neighbour: 1 + 2^-8 to 1, 1 + 3 2^-8 to 1 + 2^-6.
        CompactMatrix matrix =
                of(WeightType.BFLOAT16, new float[] {1 + 0x1p-8f, 1 + 3 * 0x1p-8f, 1 + 0x1p-8f + 0x1p-20f, -0f});
        assertThat(matrix.get(0, 0)).isEqualTo(1f);
        assertThat(matrix.get(0, 1)).isEqualTo(1 + 0x1p-6f);
        assertThat(matrix.get(0, 2)).isEqualTo(1 + 0x1p-7f);
        assertThat(Float.floatToRawIntBits(matrix.get(0, 3))).isEqualTo(Float.floatToRawIntBits(-0f));
    }

    @Test
    void int8IsWithinHalfAStepOfItsRunAndReachesTheLargest() {
        for (int columns : new int[] {1, 17, 63, 64, 65, 200}) {
            float[] row = random(columns, columns);
            CompactMatrix matrix = of(WeightType.INT8, row, row);
            for (int first = 0; first < columns; first += 64) {
                float largest = 0;
                for (int j = first; j < Math.min(columns, first + 64); j++) {
                    largest = Math.max(largest, Math.abs(row[j]));
                }
                for (int j = first; j < Math.min(columns, first + 64); j++) {
                    assertThat((double) matrix.get(1, j)).isCloseTo(row[j], within(largest / 127 * 0.50001));
                    if (Math.abs(row[j]) == largest) {
                        assertThat(matrix.get(1, j)).isCloseTo(row[j], within(largest * 1e-6f));
                    }
                }
            }
        }
    }

    @Test
    void aRunOfZerosIsZero() {
        assertThat(of(WeightType.INT8, new float[70]).get(0, 69)).isZero();
    }

    @Test
    void aViewOfRowsHasThoseRows() {
        for (WeightType type : new WeightType[] {WeightType.BFLOAT16, WeightType.INT8}) {
            CompactMatrix all = of(type, random(70, 1), random(70, 2), random(70, 3));
            CompactMatrix last = all.rows(1, 3).rows(1, 2);
            assertThat(last.rows()).isEqualTo(1);
            assertThat(last.get(0, 69)).isEqualTo(all.get(2, 69));
            assertThatThrownBy(() -> all.rows(2, 4)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void takesTwoBytesAnElementOrALittleMoreThanOne() {
        assertThat(WeightType.FLOAT32.bytes(10, 640)).isEqualTo(25600);
        assertThat(WeightType.BFLOAT16.bytes(10, 640)).isEqualTo(12800);
        assertThat(WeightType.INT8.bytes(10, 640)).isEqualTo(6400 + 400);
    }
}
