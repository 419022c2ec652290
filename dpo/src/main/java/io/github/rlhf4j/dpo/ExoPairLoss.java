package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.math.StableMath.logSigmoid;
import static io.github.rlhf4j.core.math.StableMath.sigmoid;
import static io.github.rlhf4j.dpo.HyperParameters.positive;

/**
 * Efficient exact optimisation on pairs: the reverse Kullback-Leibler divergence of the policy's preference from the smoothed label.
 *
 * <p>Matches the policy's preference with the label the mode-seeking way round, where sigmoid covers modes. Typical: beta 0.1 to 0.5, label_smoothing 0.001 (the paper).
 *
 * <pre>  loss = S(b h) (log S(b h) - log(1-e)) + S(-b h) (log S(-b h) - log e)</pre>
 *
 * <p>Source: Ji et al. 2024, arXiv:2402.00856, Eq. 16.
 */
public final class ExoPairLoss implements PairwiseLoss {
    private final double beta;
    private final double labelSmoothing;
    private final FDivergence divergence;

    /**
     * The loss.
     *
     * @param beta finite and > 0
     * @param labelSmoothing e, in (0, 1); the paper recommends 1e-3
     * @param divergence transform of the log-ratios
     */
    public ExoPairLoss(double beta, double labelSmoothing, FDivergence divergence) {
        if (!(labelSmoothing > 0 && labelSmoothing < 1)) {
            throw new IllegalArgumentException("label_smoothing must be in (0, 1), but is " + labelSmoothing);
        }
        this.beta = positive("beta", beta);
        this.labelSmoothing = labelSmoothing;
        this.divergence = divergence;
    }

    @Override
    public PairGradient evaluatePair(PairLogProbs pair) {
        FDivergence.PairScores scores = divergence.scores(pair);
        double logits = beta * scores.gap();
        double win = sigmoid(logits);
        double lose = sigmoid(-logits);
        double winTerm = logSigmoid(logits) - Math.log1p(-labelSmoothing);
        double loseTerm = logSigmoid(-logits) - Math.log(labelSmoothing);
        double dLogits = win * lose * (winTerm - loseTerm); // the terms' own derivatives cancel
        return scores.gradient(win * winTerm + lose * loseTerm, beta * dLogits);
    }
}
