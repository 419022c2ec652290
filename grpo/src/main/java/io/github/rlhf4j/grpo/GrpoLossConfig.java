package io.github.rlhf4j.grpo;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The loss.
 *
 * @param lossType grpo, bnpo, dr_grpo, dapo, cispo or sapo
 * @param importanceSamplingLevel token, or sequence: one ratio a response (GSPO)
 * @param epsilon how far the ratio may fall below 1, and rise above it without epsilonHigh; absent: 0.2
 * @param epsilonHigh how far it may rise above 1; with cispo the largest ratio; absent: epsilon
 * @param delta the largest ratio of all, > 1 + epsilonHigh; absent: none
 * @param sapoTemperaturePos of sapo's gate where the advantage is positive; absent: 1
 * @param sapoTemperatureNeg elsewhere; absent: 1.05
 * @param topEntropyQuantile share of the tokens, those of largest entropy, that the policy learns from
 * @param entropyCoef weight of the entropy bonus
 * @param offPolicyMaskThreshold nats; a response with a negative advantage is left out where the policy is farther from its sampler; absent: none is
 * @param useBiasCorrectionKl whether the KL of a token is weighted by its ratio; with beta, absent: true
 */
public record GrpoLossConfig(
        LossType lossType,
        ImportanceSamplingLevel importanceSamplingLevel,
        OptionalDouble epsilon,
        OptionalDouble epsilonHigh,
        OptionalDouble delta,
        OptionalDouble sapoTemperaturePos,
        OptionalDouble sapoTemperatureNeg,
        double topEntropyQuantile,
        double entropyCoef,
        OptionalDouble offPolicyMaskThreshold,
        Optional<Boolean> useBiasCorrectionKl)
        implements ConfigGroup {
    private static final double EPSILON = 0.2; // TRL
    private static final double SAPO_POSITIVE = 1; // TRL; Gao et al. 2025
    private static final double SAPO_NEGATIVE = 1.05;

    /** As in grpo-defaults.yaml. */
    public static final GrpoLossConfig DEFAULT = new GrpoLossConfig(
            LossType.DAPO,
            ImportanceSamplingLevel.TOKEN,
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            1,
            0,
            OptionalDouble.empty(),
            Optional.empty());

    /** What a ratio belongs to. */
    public enum ImportanceSamplingLevel {
        /** Each token. */
        TOKEN,
        /** The whole response: the geometric mean of its tokens' (Zheng et al. 2025, arXiv:2507.18071). */
        SEQUENCE
    }

    public GrpoLossConfig {
        boolean clips = lossType != LossType.CISPO && lossType != LossType.SAPO;
        String nothing =
                "does nothing with loss_type: " + lossType.name().toLowerCase(Locale.ROOT) + ", so must be left out";
        checkConfig(
                epsilon.isEmpty() || clips || (lossType == LossType.CISPO && epsilonHigh.isEmpty()),
                "epsilon",
                epsilon.orElse(0),
                nothing + (lossType == LossType.CISPO ? " where epsilon_high is given" : ""));
        checkConfig(epsilonHigh.isEmpty() || lossType != LossType.SAPO, "epsilon_high", epsilonHigh.orElse(0), nothing);
        checkConfig(delta.isEmpty() || clips, "delta", delta.orElse(0), nothing);
        checkConfig(
                sapoTemperaturePos.isEmpty() || lossType == LossType.SAPO,
                "sapo_temperature_pos",
                sapoTemperaturePos.orElse(0),
                nothing);
        checkConfig(
                sapoTemperatureNeg.isEmpty() || lossType == LossType.SAPO,
                "sapo_temperature_neg",
                sapoTemperatureNeg.orElse(0),
                nothing);
        double low = epsilon.orElse(EPSILON);
        double high = epsilonHigh.orElse(low);
        checkConfig(low > 0 && low < 1, "epsilon", low, "must be between 0 and 1");
        checkConfig(high > 0 && Double.isFinite(high), "epsilon_high", high, "must be finite and > 0");
        checkConfig(
                delta.isEmpty() || delta.getAsDouble() > 1 + high,
                "delta",
                delta.orElse(0),
                "must be > 1 + epsilon_high = " + (1 + high));
        checkPositive(sapoTemperaturePos, "sapo_temperature_pos");
        checkPositive(sapoTemperatureNeg, "sapo_temperature_neg");
        checkConfig(
                topEntropyQuantile > 0 && topEntropyQuantile <= 1,
                "top_entropy_quantile",
                topEntropyQuantile,
                "must be in (0, 1]");
        checkConfig(Double.isFinite(entropyCoef), "entropy_coef", entropyCoef, "must be finite");
        checkConfig(
                Double.isFinite(offPolicyMaskThreshold.orElse(0)),
                "off_policy_mask_threshold",
                offPolicyMaskThreshold.orElse(0),
                "must be finite, or left out");
    }

    private static void checkPositive(OptionalDouble value, String key) {
        double given = value.orElse(1);
        checkConfig(given > 0 && Double.isFinite(given), key, given, "must be finite and > 0");
    }

    private double low() {
        return epsilon.orElse(EPSILON);
    }

    private double high() {
        return epsilonHigh.orElse(low());
    }

    /** The loss of a token. */
    TokenLoss token() {
        return switch (lossType) {
            case GRPO, BNPO, DR_GRPO, DAPO -> new ClippedLoss(low(), high(), delta.orElse(Double.POSITIVE_INFINITY));
            case CISPO -> new CispoLoss(high());
            case SAPO ->
                new SapoLoss(sapoTemperaturePos.orElse(SAPO_POSITIVE), sapoTemperatureNeg.orElse(SAPO_NEGATIVE));
        };
    }

    /** With the price of leaving a reference, for responses of a sampler. */
    GrpoLoss with(GroupReferenceConfig reference, SamplerConfig sampler) {
        return new GrpoLoss(
                token(),
                lossType.aggregation(),
                importanceSamplingLevel == ImportanceSamplingLevel.SEQUENCE,
                reference.beta(),
                useBiasCorrectionKl.orElse(true),
                topEntropyQuantile,
                entropyCoef,
                sampler,
                offPolicyMaskThreshold.orElse(Double.POSITIVE_INFINITY));
    }
}
