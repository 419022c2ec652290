package io.github.rlhf4j.core.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class CompactLoopsTest {
    private static final float NONE = Float.NaN;

    /** A bfloat16 has 8 significant bits: after 1 comes 1 + 2^-7. */
    @Test
    void inputsAreRoundedToTheNearestBfloat16() {
        float[][] cases = {
            {0, 0},
            {1, 1},
            {1 + 0x1p-8f, 1}, // a tie, to even
            {1 + 0x1p-7f + 0x1p-8f, 1 + 0x1p-6f}, // a tie, to even
            {1 + 0x1p-8f + 0x1p-20f, 1 + 0x1p-7f},
            {-1 - 0x1p-8f - 0x1p-20f, -1 - 0x1p-7f},
            {Float.MAX_VALUE, Float.POSITIVE_INFINITY},
            {Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY},
            {NONE, NONE},
            {0x1p-50f, 0x1p-50f},
            {Math.nextDown(0x1p-50f), 0},
            {-0x1p-60f, 0},
            {Float.MIN_VALUE, 0}
        };
        float[] x = new float[64];
        for (int i = 0; i < cases.length; i++) {
            x[i] = cases[i][0];
        }
        CompactLoops.round(x, 0, x.length);
        for (int i = 0; i < cases.length; i++) {
            assertThat(Float.valueOf(x[i])).as("of %s", cases[i][0]).isEqualTo(Float.valueOf(cases[i][1]));
        }
    }

    @Test
    void theFirstOfAPairIsTheHighHalf() {
        float[] x = new float[64];
        x[0] = 1;
        x[1] = -2;
        x[2] = 0.5f;
        x[63] = 1;
        int[] pairs = new int[32];
        CompactLoops.toPairs(x, 0, x.length, pairs);
        int[] expected = new int[32];
        expected[0] = 0x3F80C000;
        expected[1] = 0x3F000000;
        expected[31] = 0x3F80;
        assertThat(Arrays.toString(pairs)).isEqualTo(Arrays.toString(expected));
    }
}
