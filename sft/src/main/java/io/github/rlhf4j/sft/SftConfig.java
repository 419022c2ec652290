package io.github.rlhf4j.sft;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.NoiseScaleConfig;
import io.github.rlhf4j.core.stage.ReplicasConfig;
import io.github.rlhf4j.core.stage.RouterConfig;
import io.github.rlhf4j.core.stage.TrainedInParts;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.stage.TuningConfig;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.RecordKind;
import io.github.rlhf4j.datasets.tokens.ChatTemplateUse;
import io.github.rlhf4j.datasets.tokens.PackingStrategy;
import io.github.rlhf4j.datasets.tokens.TokenizingOptions;
import io.github.rlhf4j.datasets.tokens.TruncationMode;
import io.github.rlhf4j.datasets.training.DataConfig;
import io.github.rlhf4j.datasets.training.TokenizerChanges;
import java.util.Locale;
import java.util.Optional;

/**
 * The config of a stage of type {@code sft}.
 *
 * @param model the language model to start from
 * @param data prompt and completion, conversations, or texts
 * @param tokenizer chat template and end token, where they are not the model's
 * @param completionOnlyLoss of a prompt and completion only the completion is learnt; absent: it is
 * @param assistantOnlyLoss of a conversation only the assistant's turns are learnt
 * @param loss what is minimised
 * @param packing whether sequences share examples
 * @param routers of a mixture of experts
 * @param noise whether the noise of gradients is measured
 * @param parts what of it several workers can compute
 * @param tuning what of the model is trained
 * @param training what every training stage has
 */
public record SftConfig(
        ModelReference model,
        DataConfig data,
        TokenizerChanges tokenizer,
        Optional<Boolean> completionOnlyLoss,
        boolean assistantOnlyLoss,
        SftLossConfig loss,
        PackingConfig packing,
        RouterConfig routers,
        NoiseScaleConfig noise,
        ReplicasConfig parts,
        TuningConfig tuning,
        TrainingConfig training)
        implements TrainedInParts {
    public SftConfig {
        training.checkEvaluation(data.evalNames());
        tuning.checkKeysFor(model);
        noise.checkFor(training);
        parts.checkFor(training, noise);
        checkConfig(
                packing.evalPacking().isEmpty() || data.evalDataset().isPresent() || data.evalFraction() > 0,
                "eval_packing",
                packing.evalPacking().orElse(false),
                "does nothing without eval_dataset or eval_fraction, so must be left out");
        boolean cuts = packing.packingStrategy() == PackingStrategy.BFD || !packing.packing();
        checkConfig(
                cuts || data.truncationMode() == TruncationMode.PROMPT_LEFT,
                "truncation_mode",
                data.truncationMode().configName(),
                "does nothing with packing_strategy: "
                        + packing.packingStrategy().name().toLowerCase(Locale.ROOT)
                        + ", which splits what is too long, so must be left out");
    }

    /** The defaults of sft-defaults.yaml; see {@link SftConfigBuilder}. */
    public static SftConfigBuilder builder(ModelReference model, DatasetSpec dataset) {
        return new SftConfig(
                        model,
                        DataConfig.builder(dataset).build(),
                        TokenizerChanges.NONE,
                        Optional.empty(),
                        false,
                        SftLossConfig.DEFAULT,
                        PackingConfig.NONE,
                        RouterConfig.NONE,
                        NoiseScaleConfig.NONE,
                        ReplicasConfig.NONE,
                        TuningConfig.NONE,
                        TrainingConfig.builder().learningRate(2e-5).build())
                .toBuilder();
    }

    /** Starts from this config. */
    public SftConfigBuilder toBuilder() {
        return new SftConfigBuilder(this);
    }

    /**
     * Checks that no key does nothing for rows of one type.
     *
     * @throws UserError naming the key
     */
    void checkKeysFor(RecordKind rows) {
        boolean areWhole = rows == RecordKind.TEXT || rows == RecordKind.CONVERSATION;
        if (areWhole && completionOnlyLoss.isPresent()) {
            throw inert("completion_only_loss", rows, "rows of prompt and completion");
        }
        if (rows != RecordKind.CONVERSATION && assistantOnlyLoss) {
            throw inert("assistant_only_loss", rows, "rows of messages");
        }
    }

    private UserError inert(String key, RecordKind rows, String of) {
        return new UserError(key + " is for " + of + "; it does nothing for the rows of "
                + data.dataset().path() + ", of type " + rows.configName() + ", so must be left out");
    }

    /** How rows become tokens: plain prompts go through the chat template where the model has one. */
    TokenizingOptions tokenizing(int context) {
        return data.tokenizing(context, completionOnlyLoss.orElse(true), assistantOnlyLoss)
                .with(ChatTemplateUse.of(data.applyChatTemplate(), ChatTemplateUse.AUTOMATIC));
    }
}
