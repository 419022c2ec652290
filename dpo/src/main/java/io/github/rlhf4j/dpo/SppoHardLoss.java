package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.dpo.HyperParameters.positive;

/**
 * Self-play preference optimisation with hard labels.
 *
 * <p>Pulls the winner's log-ratio up to a target and the loser's down to one, each by itself. Typical: beta 0.001, which is 1/eta of the paper, to 0.1; a small beta asks for more.
 *
 * <pre>  loss = (a - 1/(2b))^2 + (q + 1/(2b))^2</pre>
 *
 * <p>Source: Wu et al. 2024, arXiv:2405.00675, Eq. 4.7 with P = 1 for the winner and 0 for the loser.
 */
public final class SppoHardLoss implements PairwiseLoss {
    private final double beta;

    /** @param beta finite and > 0 */
    public SppoHardLoss(double beta) {
        this.beta = positive("beta", beta);
    }

    @Override
    public PairGradient evaluatePair(PairLogProbs pair) {
        double winnerError = pair.chosenLogRatio() - 0.5 / beta;
        double loserError = pair.rejectedLogRatio() + 0.5 / beta;
        return new PairGradient(winnerError * winnerError + loserError * loserError, 2 * winnerError, 2 * loserError);
    }
}
