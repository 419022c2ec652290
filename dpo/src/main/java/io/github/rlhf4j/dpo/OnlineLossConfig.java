package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import java.util.List;
import java.util.Set;

/**
 * What is minimised over the pairs of a step.
 *
 * @param beta strength of the pull towards the reference, > 0; of several the first is that of the first epoch, and so on, the last that of all further ones
 * @param lossType names of bound losses over pairs, at least one
 * @param lossWeights a weight for each; empty: 1 each
 */
public record OnlineLossConfig(List<Double> beta, List<String> lossType, List<Double> lossWeights)
        implements ConfigGroup {
    /** As in online_dpo-defaults.yaml. */
    public static final OnlineLossConfig DEFAULT = new OnlineLossConfig(List.of(0.1), List.of("sigmoid"), List.of());

    public OnlineLossConfig {
        beta = List.copyOf(beta);
        lossType = List.copyOf(lossType);
        lossWeights = List.copyOf(lossWeights);
        checkConfig(!beta.isEmpty(), "beta", beta, "must have one value at least");
        checkConfig(
                beta.stream().allMatch(value -> value > 0 && Double.isFinite(value)),
                "beta",
                beta.size() == 1 ? beta.get(0) : beta,
                "must be finite and > 0");
        checkConfig(!lossType.isEmpty(), "loss_type", lossType, "must name at least one loss");
        checkConfig(
                !lossType.contains(RankedPreferences.NAME),
                "loss_type",
                lossType,
                "must be of losses over pairs: " + RankedPreferences.NAME + " compares rankings");
        checkConfig(
                Set.copyOf(lossType).size() == lossType.size(), "loss_type", lossType, "must name different losses");
        checkConfig(
                lossWeights.isEmpty() || lossWeights.size() == lossType.size(),
                "loss_weights",
                lossWeights,
                "must have one weight for each of " + lossType);
        checkConfig(lossWeights.stream().allMatch(Double::isFinite), "loss_weights", lossWeights, "must be finite");
    }

    /**
     * The value of an epoch.
     *
     * @param epoch from 0
     */
    int betaOf(long epoch) {
        return (int) Math.min(epoch, beta.size() - 1);
    }
}
