package io.github.rlhf4j.core.optim;

/**
 * The constants of {@link AdamW}.
 *
 * @param beta1 decay of the mean of the gradients, in [0, 1)
 * @param beta2 decay of the mean of their squares, in [0, 1)
 * @param epsilon added to the root, > 0
 * @param weightDecay decoupled decay of the weights that decay, >= 0
 */
public record AdamWSettings(double beta1, double beta2, double epsilon, double weightDecay) {
    public AdamWSettings {
        checkFraction(beta1, "adam_beta1");
        checkFraction(beta2, "adam_beta2");
        if (!(epsilon > 0) || Double.isInfinite(epsilon)) {
            throw new IllegalArgumentException("adam_epsilon must be finite and > 0, but is " + epsilon);
        }
        if (!(weightDecay >= 0) || Double.isInfinite(weightDecay)) {
            throw new IllegalArgumentException("weight_decay must be finite and >= 0, but is " + weightDecay);
        }
    }

    private static void checkFraction(double value, String key) {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException(key + " must be in [0, 1), but is " + value);
        }
    }
}
