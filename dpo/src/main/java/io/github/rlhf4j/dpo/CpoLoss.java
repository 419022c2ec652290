package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.math.StableMath.logSigmoid;
import static io.github.rlhf4j.core.math.StableMath.sigmoid;

/**
 * The contrastive term of CPO: DPO with a uniform reference.
 *
 * <pre>  loss = -log S(b (pc - pr))</pre>
 *
 * <p>Source: Xu et al. 2024, arXiv:2401.08417, Eq. 3; the whole loss adds cpo_alpha times {@link SftLoss}.
 */
final class CpoLoss implements PairwiseLoss {
    private final double beta;

    CpoLoss(double beta) {
        this.beta = beta;
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
