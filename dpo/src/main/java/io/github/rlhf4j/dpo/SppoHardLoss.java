package io.github.rlhf4j.dpo;

/**
 * Self-play preference optimisation with hard labels.
 *
 * <pre>  loss = (a - 1/(2b))^2 + (q + 1/(2b))^2</pre>
 *
 * <p>Source: Wu et al. 2024, arXiv:2405.00675, Eq. 4.7 with P = 1 for the winner and 0 for the loser.
 */
final class SppoHardLoss implements PairwiseLoss {
    private final double beta;

    SppoHardLoss(double beta) {
        this.beta = beta;
    }

    @Override
    public PairGradient evaluatePair(PairLogProbs pair) {
        double winnerError = pair.chosenLogRatio() - 0.5 / beta;
        double loserError = pair.rejectedLogRatio() + 0.5 / beta;
        return new PairGradient(winnerError * winnerError + loserError * loserError, 2 * winnerError, 2 * loserError);
    }
}
