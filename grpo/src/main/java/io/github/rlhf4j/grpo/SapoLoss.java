package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.train.StepMetrics;

/**
 * A soft gate in the place of clipping.
 *
 * <pre>  loss = -4 / T S(T (r - 1)) A,   T by the sign of A</pre>
 *
 * <p>Source: Gao et al. 2025, arXiv:2511.20347, Eqs. 5 and 6.
 *
 * @param positive T where A > 0
 * @param negative T elsewhere
 */
record SapoLoss(double positive, double negative) implements TokenLoss {
    @Override
    public TokenTerm at(double ratio, double logProb, double advantage) {
        double temperature = advantage > 0 ? positive : negative;
        double gate = 1 / (1 + Math.exp(-temperature * (ratio - 1)));
        return new TokenTerm(-4 / temperature * gate * advantage, -4 * gate * (1 - gate) * advantage, 0);
    }

    @Override
    public void count(double[] ratios, double advantage, StepMetrics metrics) {
        // nothing is clipped
    }
}
