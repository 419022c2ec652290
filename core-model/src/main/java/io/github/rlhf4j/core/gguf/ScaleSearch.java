package io.github.rlhf4j.core.gguf;

import java.util.Arrays;

/**
 * The scales at which few whole numbers come closest to given ones: ggml's {@code make_qkx2_quants} and {@code
 * make_qx_quants} in the order of its sums, so that the bits are the same.
 */
final class ScaleSearch {
    private static final float ALL_ZERO = 1e-15f;

    private final int most;
    private final float first;
    private final int steps;
    private final int[] tried = new int[32];
    private float min;

    /**
     * @param most the largest whole number
     * @param first added to it in the first trial; each further one adds 0.1 more
     * @param steps further trials
     */
    ScaleSearch(int most, float first, int steps) {
        this.most = most;
        this.first = first;
        this.steps = steps;
    }

    /** What {@link #shifted} found to be subtracted, >= 0. */
    float shift() {
        return -min;
    }

    /**
     * A scale and a shift for numbers from 0 on: {@code x ~ scale * number - shift}.
     *
     * @param weights of the squared errors
     * @param numbers filled
     */
    float shifted(float[] x, int from, int count, float[] weights, int[] numbers) {
        min = x[from];
        float max = x[from];
        float sumW = weights[0];
        float sumX = sumW * x[from];
        for (int i = 1; i < count; i++) {
            min = Math.min(min, x[from + i]);
            max = Math.max(max, x[from + i]);
            sumW += weights[i];
            sumX += weights[i] * x[from + i];
        }
        if (min > 0) {
            min = 0;
        }
        if (max == min) {
            Arrays.fill(numbers, from, from + count, 0);
            return 0;
        }
        float inverse = most / (max - min);
        float scale = 1 / inverse;
        float best = 0;
        for (int i = 0; i < count; i++) {
            int number = Nearest.even(inverse * (x[from + i] - min), 0, most);
            numbers[from + i] = number;
            float difference = scale * number + min - x[from + i];
            best += weights[i] * (difference * difference);
        }
        for (int step = 0; step <= steps; step++) {
            inverse = (first + 0.1f * step + most) / (max - min);
            float sumL = 0;
            float sumL2 = 0;
            float sumXl = 0;
            for (int i = 0; i < count; i++) {
                int number = Nearest.even(inverse * (x[from + i] - min), 0, most);
                tried[i] = number;
                float w = weights[i];
                sumL += w * number;
                sumL2 += w * number * number;
                sumXl += w * number * x[from + i];
            }
            float determinant = sumW * sumL2 - sumL * sumL;
            if (!(determinant > 0)) {
                continue;
            }
            float thisScale = (sumW * sumXl - sumX * sumL) / determinant;
            float thisMin = (sumL2 * sumX - sumL * sumXl) / determinant;
            if (thisMin > 0) {
                thisMin = 0;
                thisScale = sumXl / sumL2;
            }
            float error = 0;
            for (int i = 0; i < count; i++) {
                float difference = thisScale * tried[i] + thisMin - x[from + i];
                error += weights[i] * (difference * difference);
            }
            if (error < best) {
                System.arraycopy(tried, 0, numbers, from, count);
                best = error;
                scale = thisScale;
                min = thisMin;
            }
        }
        return scale;
    }

    /**
     * A scale for numbers from {@code -most} to {@code most - 1}, errors weighted by the squares of the given ones.
     *
     * @param numbers filled with each number plus {@code most}
     */
    float symmetric(float[] x, int from, int count, int[] numbers) {
        float extreme = 0;
        for (int i = from; i < from + count; i++) {
            if (Math.abs(x[i]) > Math.abs(extreme)) {
                extreme = x[i];
            }
        }
        if (Math.abs(extreme) < ALL_ZERO) {
            Arrays.fill(numbers, from, from + count, 0);
            return 0;
        }
        float scale = 0;
        float best = 0;
        for (int trial = 0; trial <= steps; trial++) {
            int step = trial == 0 ? 0 : trial - 10 + (trial > 9 ? 1 : 0); // 0, then -9 to 9 without 0
            float inverse = step == 0 ? -most / extreme : -(most + 0.1f * step) / extreme;
            float sumLx = 0;
            float sumL2 = 0;
            for (int i = from; i < from + count; i++) {
                int number = Nearest.even(inverse * x[i], -most, most - 1);
                float w = x[i] * x[i];
                sumLx += w * x[i] * number;
                sumL2 += w * number * number;
            }
            if (trial == 0) {
                scale = sumL2 != 0 ? sumLx / sumL2 : 0;
                best = scale * sumLx;
            } else if (sumL2 > 0 && sumLx * sumLx > best * sumL2) {
                scale = sumLx / sumL2;
                best = scale * sumLx;
            } else {
                continue;
            }
            for (int i = from; i < from + count; i++) {
                numbers[i] = most + Nearest.even(inverse * x[i], -most, most - 1);
            }
        }
        return scale;
    }
}
