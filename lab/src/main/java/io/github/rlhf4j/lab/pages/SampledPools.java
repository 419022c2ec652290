package io.github.rlhf4j.lab.pages;

import io.github.rlhf4j.GenerationOptions;
import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.RewardModel;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.generation.GeneratedText;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.lab.Subject;
import io.github.rlhf4j.world.HiddenUtility;
import io.github.rlhf4j.world.World;
import io.github.rlhf4j.world.WorldSize;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Many samples of the policy to each prompt. Runs with the same policy and seed share them; only the reward models' scores are each run's own. */
final class SampledPools {
    private static final String POLICY = "sft";

    private record Samples(String prompt, List<String> texts, double[] gold) {}

    private final Map<String, List<Samples>> kept = new HashMap<>(); // by seed and policy

    /** With the scores of the run's reward models. */
    List<ScoredPool> of(Subject subject, List<String> models) {
        String policy =
                AtomicFiles.sha256OfDirectory(subject.run().stage(POLICY).modelFolder());
        List<Samples> samples = kept.computeIfAbsent(subject.seed() + " " + policy, key -> sampled(subject));
        List<ScoredPool> pools = samples.stream()
                .map(one -> new ScoredPool(one.gold(), new ArrayList<>()))
                .toList();
        for (String model : models) {
            subject.checkStop();
            try (RewardModel reward = subject.run().stage(model).rewardModel()) {
                for (int i = 0; i < pools.size(); i++) {
                    pools.get(i).proxies().add(scores(reward, samples.get(i)));
                }
            }
        }
        return pools;
    }

    /** A text that came more than once is scored once. */
    private static double[] scores(RewardModel reward, Samples samples) {
        List<String> distinct = samples.texts().stream().distinct().toList();
        double[] scores = reward.scores(samples.prompt(), distinct);
        Map<String, Double> byText = new HashMap<>();
        for (int i = 0; i < scores.length; i++) {
            byText.put(distinct.get(i), scores[i]);
        }
        return samples.texts().stream().mapToDouble(byText::get).toArray();
    }

    private static List<Samples> sampled(Subject subject) {
        HiddenUtility utility = new World(subject.seed(), WorldSize.STANDARD).utility();
        List<String> prompts = subject.rows("synthetic:eval_prompts", Prompt.class).stream()
                .map(row -> ((Content.Text) row.prompt()).text())
                .limit(subject.settings().count("prompts"))
                .toList();
        int samples = subject.settings().count("samples");
        GenerationOptions options = GenerationOptions.builder()
                .maxNewTokens(subject.settings().count("tokens"))
                .samples(samples)
                .seed(subject.seed())
                .build();
        List<Samples> pools = new ArrayList<>();
        try (LanguageModel policy = subject.model(POLICY)) {
            List<GeneratedText> all = policy.generate(prompts, options);
            for (int i = 0; i < prompts.size(); i++) {
                String prompt = prompts.get(i);
                String[] texts = all.subList(i * samples, (i + 1) * samples).stream()
                        .map(GeneratedText::text)
                        .toArray(String[]::new);
                double[] gold = Arrays.stream(texts)
                        .mapToDouble(
                                text -> utility.utility(prompt.strip(), text).total())
                        .toArray();
                pools.add(new Samples(prompt, List.of(texts), gold));
            }
        }
        return pools;
    }
}
