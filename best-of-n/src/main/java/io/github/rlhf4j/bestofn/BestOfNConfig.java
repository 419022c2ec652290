package io.github.rlhf4j.bestofn;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.StepsConfig;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.stage.TuningConfig;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.rollout.PromptConfig;
import io.github.rlhf4j.rollout.RewardChoiceConfig;
import io.github.rlhf4j.rollout.SamplingConfig;
import java.util.Locale;
import java.util.Set;

/**
 * The config of a stage of type {@code best_of_n}.
 *
 * @param model what answers, and with rounds what trains
 * @param dataset anything with prompts
 * @param prompts how prompts are read
 * @param sampling how they are answered
 * @param choice which answers are kept
 * @param rewards what says how good an answer is
 * @param rounds whether the model trains on them
 * @param tuning what of the model is trained
 * @param training batches and checkpoints; with rounds what every training stage has
 */
public record BestOfNConfig(
        ModelReference model,
        DatasetSpec dataset,
        PromptConfig prompts,
        SamplingConfig sampling,
        ChoiceConfig choice,
        RewardChoiceConfig rewards,
        RoundsConfig rounds,
        TuningConfig tuning,
        TrainingConfig training) {
    private static final String NEEDS_ROUNDS = "does nothing without rounds, so must be left out";

    public BestOfNConfig {
        training.checkEvaluation(Set.of());
        checkConfig(
                rewards.isGiven(),
                "reward_model",
                "missing, as are reward_function and rewards",
                "must be given, or else reward_function or rewards");
        checkConfig(
                !rounds.train() || choice.select() == Select.BEST,
                "select",
                choice.select().name().toLowerCase(Locale.ROOT),
                "must be best with rounds, which train on demonstrations");
        if (!rounds.train()) {
            checkNothingTrains(training, tuning);
        }
        tuning.checkKeysFor(model);
    }

    private static void checkNothingTrains(TrainingConfig training, TuningConfig tuning) {
        TrainingConfig plain = BestOfNConfigBuilder.TRAINING;
        checkConfig(
                training.rate().equals(plain.rate()),
                "learning_rate",
                training.learningRate(),
                NEEDS_ROUNDS + ", with the other keys of the learning rate");
        StepsConfig steps = training.data();
        checkConfig(
                steps.maxSteps() == 0,
                "max_steps",
                steps.maxSteps(),
                NEEDS_ROUNDS + "; the dataset's limit takes fewer prompts");
        checkConfig(
                steps.numTrainEpochs() == plain.data().numTrainEpochs(),
                "num_train_epochs",
                steps.numTrainEpochs(),
                NEEDS_ROUNDS);
        checkConfig(steps.shuffle(), "shuffle", false, NEEDS_ROUNDS + ": prompts are answered in their order");
        checkConfig(
                training.adamW().equals(plain.adamW()),
                "max_grad_norm",
                "changed, or another key of the optimiser",
                NEEDS_ROUNDS);
        checkConfig(tuning.adapter().isEmpty(), "adapter", "given", NEEDS_ROUNDS);
        checkConfig(tuning.mergeAdapter().isEmpty(), "merge_adapter", "given", NEEDS_ROUNDS);
    }

    /** The defaults of best_of_n-defaults.yaml; a reward is to be set. */
    public static BestOfNConfigBuilder builder(ModelReference model, DatasetSpec dataset) {
        return new BestOfNConfigBuilder(model, dataset);
    }

    /** Starts from this config. */
    public BestOfNConfigBuilder toBuilder() {
        return new BestOfNConfigBuilder(this);
    }
}
