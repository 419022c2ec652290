package com.example.rlhf;

import io.github.rlhf4j.dpo.LossOptions;
import io.github.rlhf4j.dpo.PairGradient;
import io.github.rlhf4j.dpo.PairLogProbs;
import io.github.rlhf4j.dpo.PairwiseLoss;
import io.github.rlhf4j.dpo.PreferenceLoss;
import io.github.rlhf4j.dpo.PreferenceLossFactory;
import java.util.Set;

/**
 * A smooth margin.
 *
 * <pre>  loss = max(0, 1 - beta h)^2,   h = log pi/ref of chosen - log pi/ref of rejected</pre>
 */
public final class SquaredHingeLoss implements PairwiseLoss {
    private final double beta;

    SquaredHingeLoss(double beta) {
        this.beta = beta;
    }

    @Override
    public PairGradient evaluatePair(PairLogProbs pair) {
        double missing = Math.max(0, 1 - beta * (pair.chosenLogRatio() - pair.rejectedLogRatio()));
        double dGap = -2 * beta * missing; // d loss / d h
        return new PairGradient(missing * missing, dGap, -dGap);
    }

    /** Makes the loss from the keys of a dpo stage. */
    public static final class Factory implements PreferenceLossFactory {
        @Override
        public PreferenceLoss create(LossOptions options) {
            return new SquaredHingeLoss(options.beta());
        }

        @Override
        public Set<String> keys() {
            return Set.of("beta");
        }
    }
}
