package io.github.rlhf4j.reward;

import static io.github.rlhf4j.core.math.StableMath.logSigmoid;
import static io.github.rlhf4j.core.math.StableMath.sigmoid;

/**
 * The loss of one comparison under the Bradley-Terry model, with a margin and a pull of both scores towards 0.
 *
 * <p>The probability that a better response is preferred shall follow from the difference of two scores. A margin asks for a larger difference where one response is much better; the pull keeps scores
 * near 0, which differences alone leave open. Typical: centring 0 or 0.01, margins 0 to 3.
 *
 * <pre>  loss = -log S(r_c - r_r - margin) + c (r_c + r_r)^2</pre>
 *
 * <p>Source: Ouyang et al. 2022, arXiv:2203.02155, Eq. 1; margin: Touvron et al. 2023, arXiv:2307.09288, Eq. 2; centring: Eisenstein et al. 2023,
 * arXiv:2312.09244.
 *
 * @param centering c, {@code center_rewards_coefficient}, finite and >= 0; 0 is none
 */
public record BradleyTerry(double centering) {
    public BradleyTerry {
        if (!(centering >= 0 && Double.isFinite(centering))) {
            throw new IllegalArgumentException(
                    "center_rewards_coefficient must be finite and >= 0, but is " + centering);
        }
    }

    /**
     * One comparison.
     *
     * @param chosen score of the preferred response
     * @param rejected score of the other
     * @param margin how far apart they ought to be; 0 where the data have none
     */
    public ScorePairGradient evaluate(double chosen, double rejected, double margin) {
        double gap = chosen - rejected - margin;
        double sum = chosen + rejected;
        double dGap = -sigmoid(-gap);
        double dSum = 2 * centering * sum;
        return new ScorePairGradient(-logSigmoid(gap) + centering * sum * sum, dGap + dSum, dSum - dGap);
    }

    /** The probability that the model gives to preferring a response scored {@code first} over one scored {@code second}. */
    public static double winProbability(double first, double second) {
        return sigmoid(first - second);
    }
}
