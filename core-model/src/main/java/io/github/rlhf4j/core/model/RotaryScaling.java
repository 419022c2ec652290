package io.github.rlhf4j.core.model;

/**
 * How the frequencies of the rotary positions are stretched for long contexts: Hugging Face's {@code rope_scaling} / {@code rope_parameters}.
 *
 * @param type {@link Type}
 * @param factor divides frequencies, >= 1; 1 with {@code NONE}
 * @param lowFrequencyFactor LLAMA3 only
 * @param highFrequencyFactor LLAMA3 only
 * @param originalPositions LLAMA3 only: positions the model was first trained for
 */
public record RotaryScaling(
        Type type, double factor, double lowFrequencyFactor, double highFrequencyFactor, int originalPositions) {
    /** The forms that transformers calls default, linear and llama3. */
    public enum Type {
        NONE,
        LINEAR,
        LLAMA3
    }

    /** No scaling. */
    public static final RotaryScaling NONE = new RotaryScaling(Type.NONE, 1, 1, 1, 0);

    public RotaryScaling {
        if (!(factor >= 1)) {
            throw new IllegalArgumentException("the factor of rope scaling must be >= 1, but is " + factor);
        }
    }

    /** The scaled form of {@code frequency} (radians a position). */
    double scale(double frequency) {
        return switch (type) {
            case NONE -> frequency;
            case LINEAR -> frequency / factor;
            case LLAMA3 -> scaleLlama3(frequency);
        };
    }

    private double scaleLlama3(double frequency) {
        double wavelength = 2 * Math.PI / frequency;
        if (wavelength < originalPositions / highFrequencyFactor) {
            return frequency;
        }
        if (wavelength > originalPositions / lowFrequencyFactor) {
            return frequency / factor;
        }
        double smooth =
                (originalPositions / wavelength - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
        return (1 - smooth) * frequency / factor + smooth * frequency;
    }
}
