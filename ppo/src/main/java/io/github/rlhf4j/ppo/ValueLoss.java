package io.github.rlhf4j.ppo;

/**
 * The clipped value loss at one position.
 *
 * <pre>  loss = 0.5 max((V' - R)^2, (clip(V', V - range, V + range) - R)^2)</pre>
 *
 * <p>Source: the OpenAI baselines' PPO2, as every RLHF system since Ziegler et al. 2019 has it.
 *
 * @param clipRange {@code cliprange_value}, > 0; infinite is none
 */
public record ValueLoss(double clipRange) {
    public ValueLoss {
        if (!(clipRange > 0)) {
            throw new IllegalArgumentException("cliprange_value must be > 0, but is " + clipRange);
        }
    }

    /**
     * One position.
     *
     * @param value new value
     * @param oldValue value at roll-out
     * @param target the return
     */
    public ElementGradient evaluate(double value, double oldValue, double target) {
        double clippedValue = Math.max(oldValue - clipRange, Math.min(oldValue + clipRange, value));
        double error = value - target;
        double clippedError = clippedValue - target;
        boolean clipped = clippedError * clippedError > error * error;
        return clipped
                ? new ElementGradient(0.5 * clippedError * clippedError, 0, true)
                : new ElementGradient(0.5 * error * error, error, false);
    }
}
