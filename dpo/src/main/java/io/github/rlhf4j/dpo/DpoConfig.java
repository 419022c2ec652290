package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.GivenKeys;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.ReplicasConfig;
import io.github.rlhf4j.core.stage.RouterConfig;
import io.github.rlhf4j.core.stage.TrainedInParts;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.stage.TuningConfig;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.training.DataConfig;
import java.util.List;
import java.util.Set;

/**
 * The config of a stage of type {@code dpo}. Keys that belong to some losses only are declared with these, and one that no loss of the run reads is an error.
 *
 * @param model the policy to start from
 * @param data preference pairs, or rankings, of which all pairs of different rank are taken; with plackett_luce rankings, a pair being one of two
 * @param reference what the policy is compared with
 * @param lossType names of bound losses, at least one
 * @param lossWeights a weight for each; empty: 1 each
 * @param routers of a mixture of experts
 * @param parts what of it several workers can compute
 * @param tuning what of the policy is trained
 * @param weighting which pairs and tokens count more
 * @param beta strength of the pull towards the reference, > 0; it also scales the reported rewards
 * @param lossKeys the keys that losses declare: {@link PreferenceLosses} has those of the built-in ones
 * @param disableDropout always true: the policy is compared with a reference that has none
 * @param training what every training stage has
 */
public record DpoConfig(
        ModelReference model,
        DataConfig data,
        ReferenceConfig reference,
        List<String> lossType,
        List<Double> lossWeights,
        RouterConfig routers,
        ReplicasConfig parts,
        TuningConfig tuning,
        WeightingConfig weighting,
        double beta,
        GivenKeys lossKeys,
        boolean disableDropout,
        TrainingConfig training)
        implements PolicySettings, TrainedInParts {
    public DpoConfig {
        training.checkEvaluation(data.evalNames());
        reference.checkBeside(tuning, model);
        reference.checkFor(parts, training);
        lossType = List.copyOf(lossType);
        lossWeights = List.copyOf(lossWeights);
        checkConfig(!lossType.isEmpty(), "loss_type", lossType, "must name at least one loss");
        checkConfig(
                Set.copyOf(lossType).size() == lossType.size(), "loss_type", lossType, "must name different losses");
        checkConfig(
                lossWeights.isEmpty() || lossWeights.size() == lossType.size(),
                "loss_weights",
                lossWeights,
                "must have one weight for each of " + lossType);
        checkConfig(lossWeights.stream().allMatch(Double::isFinite), "loss_weights", lossWeights, "must be finite");
        checkConfig(beta > 0 && Double.isFinite(beta), "beta", beta, "must be finite and > 0");
        checkConfig(
                disableDropout,
                "disable_dropout",
                false,
                "must be true: the policy is compared with a reference that has no dropout");
    }

    /** The defaults of dpo-defaults.yaml; see {@link DpoConfigBuilder}. */
    public static DpoConfigBuilder builder(ModelReference model, DatasetSpec dataset) {
        TrainingConfig training = TrainingConfig.builder()
                .learningRate(1e-6)
                .warmupSteps(0.1)
                .numTrainEpochs(1)
                .build();
        return new DpoConfig(
                        model,
                        DataConfig.builder(dataset).build(),
                        ReferenceConfig.of(true),
                        List.of("sigmoid"),
                        List.of(),
                        RouterConfig.NONE,
                        ReplicasConfig.NONE,
                        TuningConfig.NONE,
                        WeightingConfig.NONE,
                        0.1,
                        GivenKeys.NONE,
                        true,
                        training)
                .toBuilder();
    }

    /** Starts from this config. */
    public DpoConfigBuilder toBuilder() {
        return new DpoConfigBuilder(this);
    }

    /** A weight for each loss. */
    List<Double> weights() {
        return lossWeights.isEmpty() ? lossType.stream().map(name -> 1.0).toList() : lossWeights;
    }
}
