package io.github.rlhf4j.gguf;

import io.github.rlhf4j.core.model.RotaryScaling;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What Llama 3 divides each frequency of its rotary positions by: the tensor {@code rope_freqs.weight}, (D / 2). */
final class RotaryFactors {
    private static final double ACCURACY = 1e-4;

    private RotaryFactors() {}

    static float[] of(RotaryScaling.Llama3 scaling, double theta, int headDim) {
        float[] factors = new float[headDim / 2];
        for (int j = 0; j < factors.length; j++) {
            float exponent = (float) (2 * j) / headDim;
            factors[j] = (float) ((double) frequency(theta, exponent) / scaling.frequency(theta, exponent));
        }
        return factors;
    }

    private static float frequency(double theta, float exponent) {
        return new RotaryScaling.None().frequency(theta, exponent);
    }

    /**
     * The scaling that has such factors; empty where none of Llama 3's form has.
     *
     * @param stated what the file says itself, where this program wrote it
     */
    static Optional<RotaryScaling.Llama3> scaling(
            float[] factors, double theta, Optional<RotaryScaling.Llama3> stated) {
        double factor = largest(factors);
        List<RotaryScaling.Llama3> candidates = new ArrayList<>(stated.stream().toList());
        candidates.add(new RotaryScaling.Llama3(factor, 1, 4, 8192)); // Meta's
        solved(factors, theta, factor).ifPresent(candidates::add);
        return candidates.stream()
                .filter(candidate -> agrees(factors, of(candidate, theta, 2 * factors.length)))
                .findFirst();
    }

    /** The scaling's own factor, which the lowest frequencies are divided by. */
    static double largest(float[] factors) {
        double largest = 1;
        for (float each : factors) {
            largest = Math.max(largest, each);
        }
        return largest;
    }

    /**
     * From two frequencies between: 1 / f = (1 - s) / factor + s, and s = (T0 / wavelength - low) / (high - low) is
     * linear in the frequency. Only the ratios of T0, low and high count, so low is 1.
     */
    private static Optional<RotaryScaling.Llama3> solved(float[] factors, double theta, double factor) {
        List<double[]> points = new ArrayList<>();
        for (int j = 0; j < factors.length; j++) {
            if (factors[j] > 1 + ACCURACY && factors[j] < factor - ACCURACY) {
                double frequency = frequency(theta, (float) j / factors.length);
                points.add(new double[] {
                    frequency / (2 * Math.PI), (1 / (double) factors[j] - 1 / factor) / (1 - 1 / factor)
                });
            }
        }
        if (points.size() < 2) {
            return Optional.empty();
        }
        double[] first = points.get(0);
        double[] last = points.get(points.size() - 1);
        double slope = (first[1] - last[1]) / (first[0] - last[0]); // T0 / (high - low)
        double below = slope * first[0] - first[1]; // low / (high - low)
        double between = 1 / below;
        long positions = Math.round(slope * between);
        return between > 0 && positions > 0 && positions < Integer.MAX_VALUE
                ? Optional.of(
                        new RotaryScaling.Llama3(factor, 1, Math.rint((1 + between) * 1000) / 1000, (int) positions))
                : Optional.empty();
    }

    private static boolean agrees(float[] some, float[] others) {
        for (int i = 0; i < some.length; i++) {
            if (!(Math.abs(some[i] - others[i]) <= ACCURACY * some[i])) {
                return false;
            }
        }
        return true;
    }
}
