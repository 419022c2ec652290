package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.CounterRandom;
import java.util.ArrayList;
import java.util.List;

/** Batches of pairs for the tests of losses. */
final class Pairs {
    /** The batch of two of tools/golden/formulas.py. */
    static final List<PairLogProbs> GOLDEN =
            List.of(new PairLogProbs(-12, -15, -13.5, -14, 6, 8), new PairLogProbs(-20, -17, -19, -19.5, 10, 9));

    private Pairs() {}

    static List<PairLogProbs> random(long seed, int count) {
        CounterRandom random = CounterRandom.of(seed);
        List<PairLogProbs> pairs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            CounterRandom draw = random.derive(i);
            int chosenTokens = 1 + draw.below(0, 12);
            int rejectedTokens = 1 + draw.below(1, 12);
            double chosen = -chosenTokens * (0.3 + 2 * draw.uniform(2));
            double rejected = -rejectedTokens * (0.3 + 2 * draw.uniform(3));
            pairs.add(new PairLogProbs(
                    chosen,
                    rejected,
                    chosen + 3 * draw.gaussian(4),
                    rejected + 3 * draw.gaussian(5),
                    chosenTokens,
                    rejectedTokens));
        }
        return pairs;
    }

    /** {@code pair} with the policy's sums moved. */
    static PairLogProbs moved(PairLogProbs pair, double chosen, double rejected) {
        return new PairLogProbs(
                pair.chosen() + chosen,
                pair.rejected() + rejected,
                pair.refChosen(),
                pair.refRejected(),
                pair.chosenTokens(),
                pair.rejectedTokens());
    }

    static List<PairLogProbs> with(List<PairLogProbs> pairs, int index, PairLogProbs pair) {
        List<PairLogProbs> changed = new ArrayList<>(pairs);
        changed.set(index, pair);
        return changed;
    }

    static LossOptions options(double beta, double labelSmoothing) {
        return LossOptions.of(beta)
                .with(PreferenceLosses.LABEL_SMOOTHING, labelSmoothing)
                .with(PreferenceLosses.SIMPO_GAMMA, 1.0);
    }

    static PreferenceLoss loss(String name, LossOptions options) {
        PreferenceLossFactory factory = PreferenceLosses.builtIn().get(name);
        if (factory == null) {
            throw new IllegalArgumentException(name);
        }
        return factory.create(options);
    }
}
