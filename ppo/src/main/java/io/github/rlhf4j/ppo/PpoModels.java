package io.github.rlhf4j.ppo;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.files.ModelDirectory;
import io.github.rlhf4j.core.files.WeightFormat;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.AdaptedModels;
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
 * @param reward the reward model, where the reward is one that reads the policy's tokens
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
        return config.tuning().trainsAdapter(config.model()) ? adapted(config, context) : whole(config, context);
    }

    /** Adapters: policy, reference, reward and value model share the matrices that they have in common. */
    private static PpoModels adapted(PpoConfig config, StageContext context) {
        Transformer policy = config.tuning().load(config.model(), Set.of(Head.LANGUAGE), context);
        AdaptedModels models = new AdaptedModels(policy, config.tuning(), config.model(), context);
        Transformer reference = models.frozen(config.kl().refModel().orElse(config.model()), Set.of(Head.LANGUAGE));
        policy.generateWith(config.rollouts().rolloutWeights());
        if (config.rollouts().exactOnPolicy()) {
            policy.computeAsGenerated();
            reference.computeAsGenerated();
        }
        Optional<Transformer> reward = rewardModel(config).map(model -> models.frozen(model, Set.of(Head.SCALAR)));
        Transformer value = models.toTrain(
                valueStart(config), Set.of(Head.SCALAR), context.random().derive("value-head"), "value-adapter");
        return new PpoModels(policy, reference, Optional.of(value), reward, average(config, policy));
    }

    private static Optional<MovingAverage> average(PpoConfig config, Transformer policy) {
        return config.policy().emaDecay() > 0
                ? Optional.of(new MovingAverage(policy, config.policy().emaDecay()))
                : Optional.empty();
    }

    private static PpoModels whole(PpoConfig config, StageContext context) {
        Kernels kernels = context.kernels();
        CounterRandom head = context.random().derive("value-head");
        boolean shared = config.values().shared();
        Transformer policy = shared
                ? config.model().load(EnumSet.of(Head.LANGUAGE, Head.SCALAR), kernels, head)
                : config.model().load(Set.of(Head.LANGUAGE), kernels);
        Transformer reference = config.kl().refModel().orElse(config.model()).load(Set.of(Head.LANGUAGE), kernels);
        policy.generateWith(config.rollouts().rolloutWeights());
        if (config.rollouts().exactOnPolicy()) {
            policy.computeAsGenerated();
            reference.computeAsGenerated();
        }
        Optional<Transformer> reward = rewardModel(config).map(model -> model.load(Set.of(Head.SCALAR), kernels));
        Optional<Transformer> value =
                shared ? Optional.empty() : Optional.of(valueStart(config).load(Set.of(Head.SCALAR), kernels, head));
        return new PpoModels(policy, reference, value, reward, average(config, policy));
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
        List<CompanionModel> companions = new ArrayList<>(
                RewardSources.companions(config.scores().rewards().entries(), config.model()));
        config.values()
                .valueModel()
                .ifPresent(model -> companions.add(new CompanionModel("value_model", model, config.model(), false)));
        config.kl()
                .refModel()
                .ifPresent(model -> companions.add(new CompanionModel("ref_model", model, config.model(), true)));
        return companions;
    }

    private static ModelReference valueStart(PpoConfig config) {
        return config.values().valueModel().or(() -> rewardModel(config)).orElse(config.model());
    }

    /** The key reward_model, if that model reads the policy's tokens. */
    private static Optional<ModelReference> rewardModel(PpoConfig config) {
        return config.scores()
                .rewards()
                .rewardModel()
                .filter(model ->
                        !new CompanionModel("reward_model", model, config.model(), false, true).readsTextsOfFolders());
    }

    /** The model whose scalar head gives values. */
    Transformer valueSource() {
        return value.orElse(policy);
    }

    @Override
    public void close() {
        average.ifPresent(ema -> ema.model().close()); // whose matrices may be the policy's
        value.ifPresent(Transformer::close);
        reward.ifPresent(Transformer::close);
        reference.close();
        policy.close();
    }

    /** Writes policy, value model and average into a stage's folder, and their adapters, where they have some; tokenizer files come from the model's folder. */
    void save(PpoConfig config, StageContext context) {
        Path directory = context.directory();
        WeightFormat format = config.training().save().format();
        Optional<Path> tokenizer = Optional.of(config.model().directory());
        config.tuning().saveAndMerge(policy, config.model(), context);
        policy.save(directory.resolve("model"), tokenizer, format);
        value.ifPresent(model -> {
            if (model.adapter().isPresent()) {
                model.saveAdapter(
                        directory.resolve("value_adapter"),
                        valueBase(config, context).toString());
                model.mergeAdapter();
            }
            model.save(directory.resolve("value_model"), tokenizer, format);
        });
        average.map(MovingAverage::model).ifPresent(model -> {
            model.adapter().ifPresent(its -> model.mergeAdapter());
            model.save(directory.resolve("ema"), tokenizer, format);
        });
    }

    private static Path valueBase(PpoConfig config, StageContext context) {
        ModelReference start = valueStart(config);
        return start.isSame(config.model()) ? config.tuning().base(start, context) : start.directory();
    }
}
