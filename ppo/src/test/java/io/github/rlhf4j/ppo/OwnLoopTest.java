package io.github.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.cluster.InProcessCluster;
import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.WeightedObjective;
import io.github.rlhf4j.datasets.tokens.TokenizedPrompt;
import io.github.rlhf4j.rollout.GroupAdvantage;
import io.github.rlhf4j.rollout.Reward;
import io.github.rlhf4j.rollout.RewardFunction;
import io.github.rlhf4j.rollout.Rewards;
import io.github.rlhf4j.rollout.Rollout;
import io.github.rlhf4j.rollout.RolloutEngine;
import io.github.rlhf4j.testing.FakeTokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The parts without the stage: a loop of a caller's own over groups of samples, with PPO's clipped loss and no value model. */
class OwnLoopTest {
    @Test
    void learnsFromGroupsOfSamplesWithoutAValueModel() {
        TrainingConfig training = TrainingConfig.builder().learningRate(1e-2).build();
        PpoLoss loss = new PpoLoss(PolicyLoss.symmetric(0.2), new ValueLoss(0.2), 0, 0, Aggregation.TOKEN);
        Rewards rewards = Rewards.of(
                "sevens", Reward.of("sevens", RewardFunction.each(answer -> count(answer.response(), "7") / 8.0)));
        List<TokenizedPrompt> prompts = Collections.nCopies(4, new TokenizedPrompt(new int[] {1, 5}));
        List<Double> means = new ArrayList<>();
        try (CpuKernels kernels = new CpuKernels(1);
                Transformer model = Transformer.create(
                        ModelConfig.llama(12, 16, 32, 2, 2, 1, 32, true),
                        Set.of(Head.LANGUAGE),
                        kernels,
                        CounterRandom.of(3));
                Cluster cluster = new InProcessCluster(kernels);
                SharedModel policy = cluster.share("policy", model);
                ModelTrainer trainer = new ModelTrainer(
                        model, 1e-2, training.schedule(1000), training.optimizer(0), CounterRandom.of(1))) {
            RolloutEngine engine = new RolloutEngine(
                    policy, FakeTokenizer.numbers(12), SamplingOptions.sampling(1, 8, new int[] {}), 4);
            for (int iteration = 0; iteration < 20; iteration++) {
                List<List<Rollout>> groups = engine
                        .sample(prompts, CounterRandom.of(9).derive(iteration))
                        .stream()
                        .map(rewards::score)
                        .toList();
                List<Experience> experience = new ArrayList<>();
                for (List<Rollout> group : groups) {
                    double[] advantages = GroupAdvantage.standardized(
                            group.stream().mapToDouble(Rollout::score).toArray(), 1, 1e-4);
                    for (int sample = 0; sample < group.size(); sample++) {
                        experience.add(experience(group.get(sample), advantages[sample]));
                    }
                }
                trainer.optimize(List.of(WeightedObjective.of(experience, PpoObjective.ofPolicy(loss, 1))));
                policy.changed();
                means.add(Rollout.flat(groups).stream()
                        .mapToDouble(Rollout::score)
                        .average()
                        .orElseThrow());
            }
        }

        assertThat(mean(means.subList(15, 20))).isGreaterThan(mean(means.subList(0, 5)) + 0.1);
    }

    private static Experience experience(Rollout rollout, double advantage) {
        double[] advantages = new double[rollout.tokens()];
        Arrays.fill(advantages, advantage);
        return new Experience(rollout.sequence(), rollout.oldLogProbs(), advantages, new double[0], new double[0]);
    }

    private static int count(String text, String part) {
        return text.length() - text.replace(part, "").length();
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(x -> x).average().orElseThrow();
    }
}
