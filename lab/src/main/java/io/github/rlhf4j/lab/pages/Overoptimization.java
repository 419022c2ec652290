package io.github.rlhf4j.lab.pages;

import io.github.rlhf4j.GenerationOptions;
import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.RewardModel;
import io.github.rlhf4j.core.generation.GeneratedText;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.lab.Findings;
import io.github.rlhf4j.lab.Group;
import io.github.rlhf4j.lab.Measure;
import io.github.rlhf4j.lab.Subject;
import io.github.rlhf4j.world.HiddenUtility;
import io.github.rlhf4j.world.World;
import io.github.rlhf4j.world.WorldSize;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The page overoptimization: best of n by reward models of several sizes and amounts of labels, and by an ensemble; gold and proxy over the square root of the KL divergence. */
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
        for (boolean ensemble : new boolean[] {false, true}) {
            for (int n = 1; n <= samples; n *= 2) {
                double gold = 0;
                double proxy = 0;
                for (Pool pool : pools) {
                    gold += BestOf.expected(pool.proxy(ensemble), pool.gold(), n) / pools.size();
                    proxy += BestOf.expected(pool.proxy(ensemble), pool.proxy(ensemble), n) / pools.size();
                }
                subject.add(
                        Map.of("judge", ensemble ? "three models" : "one model", "n", n),
                        Map.of("root_kl", Math.sqrt(BestOf.divergence(n)), "gold", gold, "proxy", proxy));
            }
        }
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

    /** Gao et al. 2022, Eq. 1: the gain in gold is d (alpha - beta d), d being the root of the divergence. */
    @Override
    public void conclude(Findings findings) {
        Map<Map<String, Object>, List<Group>> curves = new LinkedHashMap<>();
        findings.groups().stream()
                .filter(group -> group.metrics().containsKey("gold"))
                .forEach(group -> {
                    Map<String, Object> curve = new LinkedHashMap<>(group.values());
                    curve.remove("n");
                    curves.computeIfAbsent(curve, key -> new ArrayList<>()).add(group);
                });
        curves.forEach((curve, groups) -> {
            Group first = groups.get(0);
            List<double[]> gains = groups.stream()
                    .map(group -> new double[] {group.number("root_kl"), group.number("gold") - first.number("gold")})
                    .toList();
            double[] fit = BestOf.fit(gains);
            double most = gains.get(gains.size() - 1)[0];
            findings.add(
                    curve,
                    Map.of(
                            "alpha",
                            fit[0],
                            "beta",
                            fit[1],
                            "peak_root_kl",
                            fit[1] > 0 ? fit[0] / (2 * fit[1]) : Double.NaN,
                            "gain_at_most",
                            most * (fit[0] - fit[1] * most)));
        });
    }
}
