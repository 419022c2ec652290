package io.github.rlhf4j.lab.pages;

import io.github.rlhf4j.lab.Findings;
import io.github.rlhf4j.lab.Measure;
import io.github.rlhf4j.lab.Subject;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The page overoptimization: best of n by reward models of several sizes and amounts of labels, and by an ensemble, and policies trained on one; gold and proxy over the square root of the KL divergence. */
public final class Overoptimization implements Measure {
    static final List<String> MODELS = List.of("reward", "reward_b", "reward_c");
    static final String ONE = "one model";
    static final String ALL = "three models";

    private final SampledPools sampled = new SampledPools();

    @Override
    public void measure(Subject subject) {
        List<ScoredPool> pools = sampled.of(subject, MODELS);
        double slope = slope(pools);
        for (boolean ensemble : new boolean[] {false, true}) {
            double goldOfOne = 0;
            double proxyOfOne = 0;
            for (int n = 1; n <= subject.settings().count("samples"); n *= 2) {
                double gold = 0;
                double proxy = 0;
                for (ScoredPool pool : pools) {
                    gold += BestOf.expected(pool.proxy(ensemble), pool.gold(), n) / pools.size();
                    proxy += BestOf.expected(pool.proxy(ensemble), pool.proxy(ensemble), n) / pools.size();
                }
                goldOfOne = n == 1 ? gold : goldOfOne;
                proxyOfOne = n == 1 ? proxy : proxyOfOne;
                subject.add(
                        Map.of("method", "best of n", "judge", ensemble ? ALL : ONE, "n", n),
                        Map.of(
                                "root_kl",
                                Math.sqrt(BestOf.divergence(n)),
                                "gold",
                                gold,
                                "proxy",
                                proxy,
                                "gold_gain",
                                gold - goldOfOne,
                                "proxy_gain",
                                proxy - proxyOfOne,
                                "proxy_gain_as_gold",
                                slope * (proxy - proxyOfOne)));
            }
        }
        new FollowedRewards(subject, slope).measure();
    }

    /** Utility a point of one reward model's score: the regression of gold on proxy among samples to one prompt, over all prompts. */
    private static double slope(List<ScoredPool> pools) {
        double together = 0;
        double squares = 0;
        for (ScoredPool pool : pools) {
            double[] proxy = pool.proxy(false);
            double proxyMean = Arrays.stream(proxy).average().orElse(0);
            double goldMean = Arrays.stream(pool.gold()).average().orElse(0);
            for (int i = 0; i < proxy.length; i++) {
                together += (proxy[i] - proxyMean) * (pool.gold()[i] - goldMean);
                squares += (proxy[i] - proxyMean) * (proxy[i] - proxyMean);
            }
        }
        return squares == 0 ? 0 : together / squares;
    }

    @Override
    public void conclude(Findings findings) {
        OveroptimizationFit.conclude(findings);
    }
}
