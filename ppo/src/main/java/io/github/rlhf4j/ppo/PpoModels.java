package io.github.rlhf4j.ppo;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.files.ModelDirectory;
import io.github.rlhf4j.core.files.WeightFormat;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.CompanionModel;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.rollout.RewardSources;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The models of a PPO stage; owns them.
 *
 * @param policy has the value head too, where that is shared
 * @param reference what the policy must stay near
 * @param value the value model, where it is one of its own
 * @param reward the reward model, where the reward is not a function
 * @param average the policy's moving average, where one is kept
 */
record PpoModels(
        Transformer policy,
        Transformer reference,
        Optional<Transformer> value,
        Optional<Transformer> reward,
        Optional<MovingAverage> average)
        implements AutoCloseable {

    /** Loads what a config names. */
    static PpoModels load(PpoConfig config, StageContext context) {
        checkFolders(config);
        Kernels kernels = context.kernels();
        CounterRandom head = context.random().derive("value-head");
        boolean shared = config.values().shared();
        Transformer policy = shared
                ? config.model().load(EnumSet.of(Head.LANGUAGE, Head.SCALAR), kernels, head)
                : config.model().load(Set.of(Head.LANGUAGE), kernels);
        Transformer reference = config.kl().refModel().orElse(config.model()).load(Set.of(Head.LANGUAGE), kernels);
        if (config.rollouts().exactOnPolicy()) {
            policy.computeAsGenerated();
            reference.computeAsGenerated();
        }
        Optional<Transformer> reward =
                config.scores().rewardModel().map(model -> model.load(Set.of(Head.SCALAR), kernels));
        Optional<Transformer> value =
                shared ? Optional.empty() : Optional.of(valueStart(config).load(Set.of(Head.SCALAR), kernels, head));
        Optional<MovingAverage> average = config.policy().emaDecay() > 0
                ? Optional.of(new MovingAverage(policy, config.policy().emaDecay()))
                : Optional.empty();
        return new PpoModels(policy, reference, value, reward, average);
    }

    private static void checkFolders(PpoConfig config) {
        int context = ModelConfig.from(
                        ModelDirectory.open(config.model().directory()).config())
                .maxPositions();
        int longest = PpoData.longestPrompt(config, context) + config.rollouts().responseLength();
        companions(config).forEach(companion -> companion.checkFolders(longest));
    }

    /** The models that must read the policy's tokens. */
    static List<CompanionModel> companions(PpoConfig config) {
        List<CompanionModel> companions =
                new ArrayList<>(RewardSources.companions(config.scores().entries(), config.model()));
        config.values()
                .valueModel()
                .ifPresent(model -> companions.add(new CompanionModel("value_model", model, config.model(), false)));
        config.kl()
                .refModel()
                .ifPresent(model -> companions.add(new CompanionModel("ref_model", model, config.model(), true)));
        return companions;
    }

    private static ModelReference valueStart(PpoConfig config) {
        return config.values()
                .valueModel()
                .or(() -> config.scores().rewardModel())
                .orElse(config.model());
    }

    /** The model whose scalar head gives values. */
    Transformer valueSource() {
        return value.orElse(policy);
    }

    @Override
    public void close() {
        policy.close();
        reference.close();
        value.ifPresent(Transformer::close);
        reward.ifPresent(Transformer::close);
        average.ifPresent(ema -> ema.model().close());
    }

    /** Writes policy, value model and average into a stage's folder; tokenizer files come from {@code source}. */
    void save(Path directory, Path source, WeightFormat format) {
        Optional<Path> tokenizer = Optional.of(source);
        policy.save(directory.resolve("model"), tokenizer, format);
        value.ifPresent(model -> model.save(directory.resolve("value_model"), tokenizer, format));
        average.ifPresent(ema -> ema.model().save(directory.resolve("ema"), tokenizer, format));
    }
}
