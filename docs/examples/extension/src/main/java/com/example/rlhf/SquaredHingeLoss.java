package com.example.rlhf;

import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.dpo.LossOptions;
import io.github.rlhf4j.dpo.PairGradient;
import io.github.rlhf4j.dpo.PairLogProbs;
import io.github.rlhf4j.dpo.PairwiseLoss;
import io.github.rlhf4j.dpo.PreferenceLoss;
import io.github.rlhf4j.dpo.PreferenceLossFactory;
import java.util.List;

/**
 * A smooth margin.
 *
 * <pre>  loss = max(0, target_margin - beta h)^2,   h = log pi/ref of chosen - log pi/ref of rejected</pre>
 */
public final class SquaredHingeLoss implements PairwiseLoss {
    /** A key of our own: {@code target_margin: 2} in a run file, known to {@code help dpo}, to editors and to error messages. */
    static final ConfigKey<Double> TARGET_MARGIN =
            ConfigKey.number("target_margin", 1).above(0).meaning("beta h from which a pair counts as learnt");

    private final double beta;
    private final double targetMargin;

    SquaredHingeLoss(double beta, double targetMargin) {
        this.beta = beta;
        this.targetMargin = targetMargin;
    }

    @Override
    public PairGradient evaluatePair(PairLogProbs pair) {
        double missing = Math.max(0, targetMargin - beta * (pair.chosenLogRatio() - pair.rejectedLogRatio()));
        double dGap = -2 * beta * missing; // d loss / d h
        return new PairGradient(missing * missing, dGap, -dGap);
    }

    /** Makes the loss from the keys of a dpo stage. */
    public static final class Factory implements PreferenceLossFactory {
        @Override
        public PreferenceLoss create(LossOptions options) {
            return new SquaredHingeLoss(options.beta(), options.get(TARGET_MARGIN));
        }

        @Override
        public List<ConfigKey<?>> keys() {
            return List.of(TARGET_MARGIN);
        }
    }
}
