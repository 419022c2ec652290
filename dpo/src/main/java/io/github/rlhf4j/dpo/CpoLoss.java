package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.math.StableMath.logSigmoid;
import static io.github.rlhf4j.core.math.StableMath.sigmoid;
import static io.github.rlhf4j.dpo.HyperParameters.positive;

/**
 * The contrastive term of CPO: DPO with a uniform reference.
 *
 * <p>Prefers without a reference, which halves the memory; the supervised term holds the policy. Typical: beta 0.1, cpo_alpha 1.
 *
 * <pre>  loss = -log S(b (pc - pr))</pre>
 *
 * <p>Source: Xu et al. 2024, arXiv:2401.08417, Eq. 3; the whole loss adds cpo_alpha times {@link SftLoss}.
 */
public final class CpoLoss implements PairwiseLoss {
    private final double beta;

    /** @param beta finite and > 0 */
    public CpoLoss(double beta) {
        this.beta = positive("beta", beta);
    }

    @Override
    public PairGradient evaluatePair(PairLogProbs pair) {
        double logits = beta * (pair.chosen() - pair.rejected());
        double dChosen = -beta * sigmoid(-logits);
        return new PairGradient(-logSigmoid(logits), dChosen, -dChosen);
    }

    @Override
    public boolean needsReference() {
        return false;
    }
}
