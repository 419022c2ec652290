package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.RouterConfig;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.datasets.training.DataConfig;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * The config of a stage of type {@code dpo}. Keys that belong to some losses only have no default here: what a loss takes for an absent one is said with it, and a key that no loss of the run reads is an error.
 *
 * @param model the policy to start from
 * @param data preference pairs, or rankings, of which all pairs of different rank are taken; with plackett_luce rankings, a pair being one of two
 * @param reference what the policy is compared with
 * @param lossType names of bound losses, at least one
 * @param lossWeights a weight for each; empty: 1 each
 * @param routers of a mixture of experts
 * @param weighting which pairs and tokens count more
 * @param beta strength of the pull towards the reference, > 0; it also scales the reported rewards
 * @param labelSmoothing probability that a label is wrong (sigmoid, robust, exo_pair, aot); absent: 0 (exo_pair has to be given one)
 * @param fDivergenceType reverse_kl, forward_kl, js_divergence or alpha_divergence (sigmoid, sigmoid_norm, hinge, ipo, exo_pair, robust, discopop); absent: reverse_kl
 * @param fAlphaDivergenceCoef alpha of alpha_divergence; absent: 0.5
 * @param ipoLength token or sequence (ipo); absent: token
 * @param simpoGamma target margin (simpo); absent: 0.5
 * @param cpoAlpha weight of the likelihood term (cpo); absent: 1
 * @param discopopTau temperature of the blend (discopop); absent: 0.05
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
        WeightingConfig weighting,
        double beta,
        OptionalDouble labelSmoothing,
        Optional<String> fDivergenceType,
        OptionalDouble fAlphaDivergenceCoef,
        Optional<IpoLength> ipoLength,
        OptionalDouble simpoGamma,
        OptionalDouble cpoAlpha,
        OptionalDouble discopopTau,
        boolean disableDropout,
        TrainingConfig training) {
    private static final double DEFAULT_ALPHA = 0.5; // TRL's f_alpha_divergence_coef
    private static final double DEFAULT_SIMPO_GAMMA = 0.5; // TRL's simpo_gamma
    private static final double DEFAULT_CPO_ALPHA = 1; // TRL's cpo_alpha
    private static final double DEFAULT_DISCOPOP_TAU = 0.05; // TRL's discopop_tau

    public DpoConfig {
        training.checkEvaluation(data.evalNames());
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
        checkRange(labelSmoothing, "label_smoothing", 0, 1, "must be in [0, 1)");
        checkConfig(
                fDivergenceType.isEmpty() || FDivergence.NAMES.contains(fDivergenceType.get()),
                "f_divergence_type",
                fDivergenceType.orElse(""),
                "must be one of " + String.join(", ", FDivergence.NAMES));
        checkConfig(
                fAlphaDivergenceCoef.isEmpty() || fDivergenceType.equals(Optional.of("alpha_divergence")),
                "f_alpha_divergence_coef",
                fAlphaDivergenceCoef.orElse(0),
                "does nothing without f_divergence_type: alpha_divergence, so must be left out");
        checkConfig(
                Double.isFinite(fAlphaDivergenceCoef.orElse(0)),
                "f_alpha_divergence_coef",
                fAlphaDivergenceCoef.orElse(0),
                "must be finite");
        checkConfig(Double.isFinite(simpoGamma.orElse(0)), "simpo_gamma", simpoGamma.orElse(0), "must be finite");
        checkRange(cpoAlpha, "cpo_alpha", 0, Double.POSITIVE_INFINITY, "must be finite and >= 0");
        checkConfig(
                discopopTau.orElse(1) > 0 && Double.isFinite(discopopTau.orElse(1)),
                "discopop_tau",
                discopopTau.orElse(1),
                "must be finite and > 0");
        checkConfig(
                disableDropout,
                "disable_dropout",
                false,
                "must be true: the policy is compared with a reference that has no dropout");
    }

    /** A weight for each loss. */
    List<Double> weights() {
        return lossWeights.isEmpty() ? lossType.stream().map(name -> 1.0).toList() : lossWeights;
    }

    /** What losses are made with. */
    LossOptions lossOptions() {
        return new LossOptions(
                beta,
                labelSmoothing.orElse(0),
                FDivergence.of(fDivergenceType.orElse("reverse_kl"), fAlphaDivergenceCoef.orElse(DEFAULT_ALPHA)),
                ipoLength.orElse(IpoLength.TOKEN),
                simpoGamma.orElse(DEFAULT_SIMPO_GAMMA),
                cpoAlpha.orElse(DEFAULT_CPO_ALPHA),
                discopopTau.orElse(DEFAULT_DISCOPOP_TAU));
    }

    /** The keys given that belong to some losses only. */
    Set<String> givenLossKeys() {
        Set<String> given = new LinkedHashSet<>();
        addIf(given, labelSmoothing.isPresent(), "label_smoothing");
        addIf(given, fDivergenceType.isPresent(), "f_divergence_type");
        addIf(given, fAlphaDivergenceCoef.isPresent(), "f_alpha_divergence_coef");
        addIf(given, ipoLength.isPresent(), "ipo_length");
        addIf(given, simpoGamma.isPresent(), "simpo_gamma");
        addIf(given, cpoAlpha.isPresent(), "cpo_alpha");
        addIf(given, discopopTau.isPresent(), "discopop_tau");
        return given;
    }

    private static void addIf(Set<String> keys, boolean present, String key) {
        if (present) {
            keys.add(key);
        }
    }

    private static void checkRange(OptionalDouble value, String key, double from, double below, String mustBe) {
        if (value.isPresent()) {
            checkConfig(value.getAsDouble() >= from && value.getAsDouble() < below, key, value.getAsDouble(), mustBe);
        }
    }
}
