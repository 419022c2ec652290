package io.github.rlhf4j.judge;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.world.HiddenUtility;
import java.util.List;

/** The hidden utility of the synthetic world with a known error. Whether it errs on a pair, or looks at the order alone, is drawn from the texts, so asked twice it says the same. */
final class SyntheticJudge implements PairwiseJudge {
    private final HiddenUtility utility;
    private final double errorRate;
    private final double positionBias;
    private final CounterRandom random;

    SyntheticJudge(SyntheticConfig config, HiddenUtility utility, CounterRandom random) {
        this.utility = utility;
        this.errorRate = config.errorRate().orElse(0);
        this.positionBias = config.positionBias().orElse(0);
        this.random = random.derive("synthetic judge");
    }

    @Override
    public double[] compare(List<Pair> pairs) {
        return pairs.stream().mapToDouble(this::compare).toArray();
    }

    private double compare(Pair pair) {
        double first = utility.utility(pair.prompt(), pair.first()).total();
        double second = utility.utility(pair.prompt(), pair.second()).total();
        boolean isInOrder = pair.first().compareTo(pair.second()) <= 0;
        CounterRandom own = random.derive(pair.prompt())
                .derive(isInOrder ? pair.first() : pair.second())
                .derive(isInOrder ? pair.second() : pair.first());
        if (own.uniform(1) < positionBias) {
            return 1;
        }
        double truth = Preference.of(first, second);
        return own.uniform(0) < errorRate ? 1 - truth : truth;
    }
}
