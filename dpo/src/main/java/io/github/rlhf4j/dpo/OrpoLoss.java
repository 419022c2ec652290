package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.math.StableMath.log1mExp;
import static io.github.rlhf4j.core.math.StableMath.logSigmoid;
import static io.github.rlhf4j.core.math.StableMath.sigmoid;
import static io.github.rlhf4j.dpo.HyperParameters.positive;

/**
 * The odds-ratio term of ORPO, without a reference.
 *
 * <p>Sets the odds of chosen and rejected apart while the supervised term teaches the chosen ones: one stage for both. Typical: beta 0.1 to 0.5.
 *
 * <pre>  loss = -b log S(lo),   lo = (x - y) - (log(1-e^x) - log(1-e^y)),   x, y the mean log-probs of a token, chosen and rejected</pre>
 *
 * <p>Source: Hong et al. 2024, arXiv:2403.07691, Eqs. 4 and 7; the whole loss adds {@link SftLoss}.
 */
public final class OrpoLoss implements PairwiseLoss {
    /** A probability of 1 has infinite odds: means are kept this far below log 1, nats. */
    private static final double CEILING = -1e-12;

    private final double beta;

    /** @param beta finite and > 0 */
    public OrpoLoss(double beta) {
        this.beta = positive("beta", beta);
    }

    @Override
    public PairGradient evaluatePair(PairLogProbs pair) {
        double chosen = Math.min(pair.chosenMean(), CEILING);
        double rejected = Math.min(pair.rejectedMean(), CEILING);
        double logOdds = (chosen - rejected) - (log1mExp(chosen) - log1mExp(rejected));
        double dLogOdds = -beta * sigmoid(-logOdds);
        // d/dx (x - log(1-e^x)) = 1 / (1 - e^x)
        double dChosen = dLogOdds / -Math.expm1(chosen) / pair.chosenTokens();
        double dRejected = -dLogOdds / -Math.expm1(rejected) / pair.rejectedTokens();
        return new PairGradient(-beta * logSigmoid(logOdds), dChosen, dRejected);
    }

    @Override
    public boolean needsReference() {
        return false;
    }

    @Override
    public double impliedReward(double logProb, double refLogProb, int tokens) {
        return logProb / tokens;
    }
}
