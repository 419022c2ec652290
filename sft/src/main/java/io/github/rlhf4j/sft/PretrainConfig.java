package io.github.rlhf4j.sft;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.NoiseScaleConfig;
import io.github.rlhf4j.core.stage.ParametrizationConfig;
import io.github.rlhf4j.core.stage.ReplicasConfig;
import io.github.rlhf4j.core.stage.RouterConfig;
import io.github.rlhf4j.core.stage.TrainedInParts;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.stage.TuningConfig;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.tokens.TruncationMode;
import io.github.rlhf4j.datasets.training.DataConfig;
import io.github.rlhf4j.datasets.training.EvalDatasets;
import java.util.Locale;
import java.util.Optional;

/**
 * The config of a stage of type {@code pretrain}: a model to go on with, or else an architecture and a tokenizer to begin with.
 *
 * @param model the language model to go on training
 * @param architecture the sizes of a new model
 * @param tokenizer of a new model
 * @param dataset texts
 * @param evalDataset texts to evaluate on
 * @param evalFraction instead: the share of texts held out, in [0, 1)
 * @param maxLength tokens of a window, which is one sequence of the batch; 0: the model's context
 * @param splitSpecialTokens whether the text of a special token in the data stays text
 * @param dropout residual dropout, in [0, 1)
 * @param parametrization of a new model
 * @param routers of a given mixture of experts
 * @param noise whether the noise of gradients is measured
 * @param parts what of it several workers can compute
 * @param tuning what of a given model is trained
 * @param training what every training stage has
 */
public record PretrainConfig(
        Optional<ModelReference> model,
        Optional<ArchitectureConfig> architecture,
        Optional<TokenizerConfig> tokenizer,
        DatasetSpec dataset,
        Optional<EvalDatasets> evalDataset,
        double evalFraction,
        int maxLength,
        boolean splitSpecialTokens,
        double dropout,
        ParametrizationConfig parametrization,
        RouterConfig routers,
        NoiseScaleConfig noise,
        ReplicasConfig parts,
        TuningConfig tuning,
        TrainingConfig training)
        implements TrainedInParts {
    public PretrainConfig {
        checkConfig(
                model.isPresent() != architecture.isPresent(),
                "model",
                model.isPresent() ? "given together with architecture" : "missing, as is architecture",
                "must be given, or else architecture and tokenizer, and not both");
        checkConfig(
                architecture.isPresent() == tokenizer.isPresent(),
                "tokenizer",
                tokenizer.isPresent() ? "given with model, which has one" : "missing",
                "must be given with architecture and only with it");
        model.ifPresent(tuning::checkKeysFor);
        checkConfig(
                model.isPresent() || tuning.equals(TuningConfig.NONE),
                tuning.adapter().isPresent()
                        ? "adapter"
                        : tuning.mergeAdapter().isPresent() ? "merge_adapter" : "base_weights",
                "given with architecture",
                "must be left out where there is no model to put an adapter on");
        checkConfig(
                architecture.isPresent() || parametrization.equals(ParametrizationConfig.STANDARD),
                "parametrization",
                parametrization.parametrization().name().toLowerCase(Locale.ROOT),
                "must be standard, since it is that of a new model: give architecture instead of model");
        checkConfig(
                model.isPresent() || routers.equals(RouterConfig.NONE),
                "router_aux_loss_coef",
                "given with architecture",
                "must be inside architecture there, as its other keys of experts");
        noise.checkFor(training);
        parts.checkFor(training, noise);
        checkConfig(dropout >= 0 && dropout < 1, "dropout", dropout, "must be in [0, 1)");
        training.checkEvaluation(new DataConfig(
                        dataset, evalDataset, evalFraction, maxLength, TruncationMode.KEEP_START, splitSpecialTokens)
                .evalNames());
    }

    /** Goes on with a model, with the defaults of pretrain-defaults.yaml; see {@link PretrainConfigBuilder}. */
    public static PretrainConfigBuilder continuing(ModelReference model, DatasetSpec dataset) {
        return usual(Optional.of(model), Optional.empty(), Optional.empty(), dataset);
    }

    /** Makes a new model, with the defaults of pretrain-defaults.yaml. */
    public static PretrainConfigBuilder fromNothing(
            ArchitectureConfig architecture, TokenizerConfig tokenizer, DatasetSpec dataset) {
        return usual(Optional.empty(), Optional.of(architecture), Optional.of(tokenizer), dataset);
    }

    private static PretrainConfigBuilder usual(
            Optional<ModelReference> model,
            Optional<ArchitectureConfig> architecture,
            Optional<TokenizerConfig> tokenizer,
            DatasetSpec dataset) {
        TrainingConfig training = TrainingConfig.builder()
                .learningRate(1e-3)
                .lrSchedulerType("cosine_with_min_lr")
                .minLrRate(0.1)
                .batchSize(16)
                .numTrainEpochs(1)
                .weightDecay(0.1)
                .adamBeta2(0.95)
                .build();
        return new PretrainConfig(
                        model,
                        architecture,
                        tokenizer,
                        dataset,
                        Optional.empty(),
                        0,
                        0,
                        false,
                        0,
                        ParametrizationConfig.STANDARD,
                        RouterConfig.NONE,
                        NoiseScaleConfig.NONE,
                        ReplicasConfig.NONE,
                        TuningConfig.NONE,
                        training)
                .toBuilder();
    }

    /** Starts from this config. */
    public PretrainConfigBuilder toBuilder() {
        return new PretrainConfigBuilder(this);
    }

    /** The data; documents are cut into windows, so nothing is truncated. */
    DataConfig data() {
        return new DataConfig(
                dataset, evalDataset, evalFraction, maxLength, TruncationMode.KEEP_START, splitSpecialTokens);
    }
}
