package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.ReplicasConfig;
import io.github.rlhf4j.core.stage.RouterConfig;
import io.github.rlhf4j.core.stage.TrainedInParts;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.stage.TuningConfig;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.training.DataConfig;
import java.util.List;

/**
 * The config of a stage of type {@code kto}.
 *
 * @param model the policy to start from
 * @param data unpaired preferences, or pairs, of which both responses are taken
 * @param reference what the policy is compared with
 * @param routers of a mixture of experts
 * @param parts what of it several workers can compute
 * @param tuning what of the policy is trained
 * @param lossType kto or apo_zero_unpaired
 * @param beta strength of the pull towards the reference, > 0; it also scales the reported rewards
 * @param desirableWeight factor of desirable responses, > 0
 * @param undesirableWeight factor of undesirable responses, > 0
 * @param disableDropout always true: the policy is compared with a reference that has none
 * @param training what every training stage has
 */
public record KtoConfig(
        ModelReference model,
        DataConfig data,
        ReferenceConfig reference,
        RouterConfig routers,
        ReplicasConfig parts,
        TuningConfig tuning,
        KtoLossType lossType,
        double beta,
        double desirableWeight,
        double undesirableWeight,
        boolean disableDropout,
        TrainingConfig training)
        implements PolicySettings, TrainedInParts {
    public KtoConfig {
        training.checkEvaluation(data.evalNames());
        reference.checkBeside(tuning, model);
        reference.checkFor(parts, training);
        checkPositive("beta", beta);
        checkPositive("desirable_weight", desirableWeight);
        checkPositive("undesirable_weight", undesirableWeight);
        boolean estimatesKl = lossType == KtoLossType.KTO;
        checkConfig(
                !estimatesKl || training.batchSize() > 1,
                "batch_size",
                training.batchSize(),
                "must be > 1 with loss_type: kto, whose KL estimate pairs a prompt with another row's response");
        checkConfig(
                !(estimatesKl && reference.precomputeRefLogProbs() && training.shuffle()),
                "precompute_ref_log_probs",
                true,
                "must be false with loss_type: kto and shuffle: true, since the other row's response is one of the same batch");
        checkConfig(
                disableDropout,
                "disable_dropout",
                false,
                "must be true: the policy is compared with a reference that has no dropout");
    }

    /** The defaults of kto-defaults.yaml; see {@link KtoConfigBuilder}. */
    public static KtoConfigBuilder builder(ModelReference model, DatasetSpec dataset) {
        TrainingConfig training = TrainingConfig.builder()
                .learningRate(1e-6)
                .warmupSteps(0.1)
                .numTrainEpochs(1)
                .build();
        return new KtoConfig(
                        model,
                        DataConfig.builder(dataset).build(),
                        ReferenceConfig.of(false),
                        RouterConfig.NONE,
                        ReplicasConfig.NONE,
                        TuningConfig.NONE,
                        KtoLossType.KTO,
                        0.1,
                        1,
                        1,
                        true,
                        training)
                .toBuilder();
    }

    /** Starts from this config. */
    public KtoConfigBuilder toBuilder() {
        return new KtoConfigBuilder(this);
    }

    /** What the reference is asked: the response, and the mismatched one where the loss reads it. */
    ResponseLayout<KtoTokens> layout() {
        return lossType == KtoLossType.KTO ? KtoTokens::both : tokens -> List.of(tokens.response());
    }

    /** What is minimised. */
    TravellingKtoLoss loss() {
        return new TravellingKtoLoss(lossType, beta, desirableWeight, undesirableWeight, 0);
    }

    private static void checkPositive(String key, double value) {
        checkConfig(value > 0 && Double.isFinite(value), key, value, "must be finite and > 0");
    }
}
