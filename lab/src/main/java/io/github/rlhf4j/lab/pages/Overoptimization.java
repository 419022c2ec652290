package io.github.rlhf4j.lab.pages;

import io.github.rlhf4j.GenerationOptions;
import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.RewardModel;
import io.github.rlhf4j.core.generation.GeneratedText;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.lab.Findings;
import io.github.rlhf4j.lab.Measure;
import io.github.rlhf4j.lab.Subject;
import io.github.rlhf4j.world.HiddenUtility;
import io.github.rlhf4j.world.World;
import io.github.rlhf4j.world.WorldSize;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The page overoptimization: best of n by reward models of several sizes and amounts of labels, and by an ensemble, and policies trained on one; gold and proxy over the square root of the KL divergence. */
public final class Overoptimization implements Measure {
    private static final List<String> MODELS = List.of("reward", "reward_b", "reward_c");

    /** Samples of one prompt. */
    private record Pool(double[] gold, List<double[]> proxies) {
        /** By one reward model, or by the mean of all of them. */
        double[] proxy(boolean ensemble) {
            double[] proxy = proxies.get(0).clone();
            for (int i = 0; ensemble && i < proxy.length; i++) {
                for (double[] other : proxies.subList(1, proxies.size())) {
                    proxy[i] += other[i];
                }
                proxy[i] /= proxies.size();
            }
            return proxy;
        }
    }

    @Override
    public void measure(Subject subject) {
        HiddenUtility utility = new World(subject.seed(), WorldSize.STANDARD).utility();
        List<String> prompts = subject.rows("synthetic:eval_prompts", Prompt.class).stream()
                .map(row -> ((Content.Text) row.prompt()).text())
                .limit(subject.settings().count("prompts"))
                .toList();
        int samples = subject.settings().count("samples");
        List<List<String>> texts = sampled(subject, prompts, samples);
        List<Pool> pools = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            String prompt = prompts.get(i);
            pools.add(new Pool(
                    texts.get(i).stream()
                            .mapToDouble(text ->
                                    utility.utility(prompt.strip(), text).total())
                            .toArray(),
                    new ArrayList<>()));
        }
        for (String name : MODELS) {
            subject.checkStop();
            try (RewardModel reward = subject.run().stage(name).rewardModel()) {
                for (int i = 0; i < prompts.size(); i++) {
                    pools.get(i).proxies().add(reward.scores(prompts.get(i), texts.get(i)));
                }
            }
        }
        double slope = slope(pools);
        for (boolean ensemble : new boolean[] {false, true}) {
            double goldOfOne = 0;
            double proxyOfOne = 0;
            for (int n = 1; n <= samples; n *= 2) {
                double gold = 0;
                double proxy = 0;
                for (Pool pool : pools) {
                    gold += BestOf.expected(pool.proxy(ensemble), pool.gold(), n) / pools.size();
                    proxy += BestOf.expected(pool.proxy(ensemble), pool.proxy(ensemble), n) / pools.size();
                }
                goldOfOne = n == 1 ? gold : goldOfOne;
                proxyOfOne = n == 1 ? proxy : proxyOfOne;
                subject.add(
                        Map.of("method", "best of n", "judge", ensemble ? "three models" : "one model", "n", n),
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
        FollowedRewards followed = new FollowedRewards(subject, slope);
        if (followed.isWanted()) {
            followed.measure();
        }
    }

    /** Utility a point of one reward model's score: the regression of gold on proxy among samples to one prompt, over all prompts. */
    private static double slope(List<Pool> pools) {
        double together = 0;
        double squares = 0;
        for (Pool pool : pools) {
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

    private static List<List<String>> sampled(Subject subject, List<String> prompts, int samples) {
        GenerationOptions options = GenerationOptions.builder()
                .maxNewTokens(subject.settings().count("tokens"))
                .samples(samples)
                .seed(subject.seed())
                .build();
        try (LanguageModel policy = subject.model("sft")) {
            List<GeneratedText> all = policy.generate(prompts, options);
            List<List<String>> texts = new ArrayList<>();
            for (int i = 0; i < prompts.size(); i++) {
                texts.add(all.subList(i * samples, (i + 1) * samples).stream()
                        .map(GeneratedText::text)
                        .toList());
            }
            return texts;
        }
    }

    @Override
    public void conclude(Findings findings) {
        OveroptimizationFit.conclude(findings);
    }
}
