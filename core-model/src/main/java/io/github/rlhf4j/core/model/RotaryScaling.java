package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.UserError;

/** How the frequencies of the rotary positions are stretched for long contexts: the types of Hugging Face's {@code rope_parameters}, computed as transformers does, in single precision. */
public sealed interface RotaryScaling {
    /**
     * The frequency of channels 2 j and 2 j + 1 of a head, radians a position.
     *
     * @param theta the base
     * @param exponent 2 j / D
     */
    default float frequency(double theta, float exponent) {
        return (float) (1.0 / (float) Math.pow((float) theta, exponent));
    }

    /** The tokens that a sequence may have: for types that stretch from {@code max_position_embeddings}, that many times the factor. */
    default int context(int maxPositionEmbeddings) {
        return maxPositionEmbeddings;
    }

    /** Whether {@link #base} depends on the sequence's length. */
    default boolean growsWithTheSequence() {
        return false;
    }

    /** The base of the frequencies in a sequence of {@code length} tokens. */
    default double base(double theta, int headDim, int length, int maxPositionEmbeddings) {
        return theta;
    }

    /** {@code default}: as they are. */
    record None() implements RotaryScaling {}

    /** {@code linear}: all frequencies divided by {@code factor}. */
    record Linear(double factor) implements RotaryScaling {
        public Linear {
            checkFactor(factor);
        }

        @Override
        public int context(int maxPositionEmbeddings) {
            return stretched(maxPositionEmbeddings, factor);
        }

        @Override
        public float frequency(double theta, float exponent) {
            return (float) (RotaryScaling.super.frequency(theta, exponent) / factor);
        }
    }

    /**
     * {@code llama3}: low frequencies divided by {@code factor}, high ones left, those between in between.
     *
     * @param lowFactor the longest unscaled wavelength is at most {@code originalPositions / lowFactor}
     * @param highFactor wavelengths below {@code originalPositions / highFactor} are left
     * @param originalPositions positions the model was first trained for
     */
    record Llama3(double factor, double lowFactor, double highFactor, int originalPositions) implements RotaryScaling {
        public Llama3 {
            checkFactor(factor);
            if (!(lowFactor > 0 && highFactor > lowFactor)) {
                throw new UserError("high_freq_factor must be greater than low_freq_factor, which must be > 0, but they"
                        + " are " + highFactor + " and " + lowFactor);
            }
            ConfigValues.positive(originalPositions, "original_max_position_embeddings");
        }

        @Override
        public float frequency(double theta, float exponent) {
            float frequency = RotaryScaling.super.frequency(theta, exponent);
            double wavelength = 2 * Math.PI / frequency;
            if (wavelength < originalPositions / highFactor) {
                return frequency;
            }
            if (wavelength > originalPositions / lowFactor) {
                return (float) (frequency / factor);
            }
            double smooth = (originalPositions / wavelength - lowFactor) / (highFactor - lowFactor);
            return (float) ((1 - smooth) * frequency / factor + smooth * frequency);
        }
    }

    /**
     * {@code dynamic} (NTK): the base grows with the sequence, beyond the T0 = {@code max_position_embeddings} that the model was trained for.
     *
     * <pre>  base = theta (factor T / T0 - (factor - 1))^(D / (D - 2)) in a sequence of T > T0 tokens, else theta</pre>
     */
    record Dynamic(double factor) implements RotaryScaling {
        public Dynamic {
            checkFactor(factor);
        }

        @Override
        public int context(int maxPositionEmbeddings) {
            return stretched(maxPositionEmbeddings, factor);
        }

        @Override
        public boolean growsWithTheSequence() {
            return true;
        }

        @Override
        public double base(double theta, int headDim, int length, int maxPositionEmbeddings) {
            if (length <= maxPositionEmbeddings) {
                return theta;
            }
            float stretch = (float) factor * length / maxPositionEmbeddings - (float) (factor - 1);
            return (float) theta * (float) Math.pow(stretch, headDim / (headDim - 2.0));
        }
    }

    private static int stretched(int positions, double factor) {
        return (int) Math.min(Integer.MAX_VALUE, positions * factor);
    }

    private static void checkFactor(double factor) {
        if (!(factor >= 1) || Double.isInfinite(factor)) {
            throw new UserError("the factor of rope_parameters must be a number >= 1, but is " + factor);
        }
    }
}
