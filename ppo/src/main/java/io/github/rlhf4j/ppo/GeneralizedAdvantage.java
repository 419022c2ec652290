package io.github.rlhf4j.ppo;

/**
 * Generalised advantage estimation over the tokens of one response.
 *
 * <pre>
 *   delta_t = r_t + gamma V_{t+1} - V_t,   V after the last position is 0
 *   A_t = delta_t + gamma lam A_{t+1},     return_t = A_t + V_t
 * </pre>
 *
 * <p>Source: Schulman et al. 2015, arXiv:1506.02438, Eqs. 11-16.
 *
 * @param gamma discount per token, in [0, 1]
 * @param lam weight of longer returns, in [0, 1]; 1 is Monte Carlo less the value, 0 one step
 */
public record GeneralizedAdvantage(double gamma, double lam) {
    public GeneralizedAdvantage {
        check(gamma, "gamma");
        check(lam, "lam");
    }

    /**
     * The estimate of one response.
     *
     * @param rewards reward of each position
     * @param values value read before each position's token, as many
     */
    public AdvantageEstimate estimate(double[] rewards, double[] values) {
        if (rewards.length != values.length) {
            throw new IllegalArgumentException(rewards.length + " rewards but " + values.length + " values");
        }
        double[] advantages = new double[rewards.length];
        double[] returns = new double[rewards.length];
        double nextValue = 0;
        double nextAdvantage = 0;
        for (int t = rewards.length - 1; t >= 0; t--) {
            double delta = rewards[t] + gamma * nextValue - values[t];
            nextAdvantage = delta + gamma * lam * nextAdvantage;
            nextValue = values[t];
            advantages[t] = nextAdvantage;
            returns[t] = nextAdvantage + values[t];
        }
        return new AdvantageEstimate(advantages, returns);
    }

    private static void check(double value, String key) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(key + " must be in [0, 1], but is " + value);
        }
    }
}
