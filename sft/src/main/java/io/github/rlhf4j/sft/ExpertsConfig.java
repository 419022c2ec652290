package io.github.rlhf4j.sft;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.model.FeedForwardConfig;
import io.github.rlhf4j.core.stage.ConfigGroup;
import java.util.Optional;

/**
 * The experts of a new model, with the names of Mixtral's config.json; none: it is a Llama.
 *
 * @param numLocalExperts E, of intermediate_size each
 * @param numExpertsPerTok k, how many of them each token goes to; default 2
 * @param routerAuxLossCoef of the routers' load-balancing loss, 0 for none; default 0.02
 */
public record ExpertsConfig(
        Optional<Integer> numLocalExperts, Optional<Integer> numExpertsPerTok, Optional<Double> routerAuxLossCoef)
        implements ConfigGroup {
    private static final int EXPERTS_PER_TOKEN = 2; // transformers' MixtralConfig
    private static final double ROUTER_LOSS = 0.02; // config.json of Mixtral 8x7B
    private static final String WITHOUT = "does nothing without num_local_experts, so must be left out";

    /** A feed-forward part without experts. */
    public static final ExpertsConfig NONE = new ExpertsConfig(Optional.empty(), Optional.empty(), Optional.empty());

    public ExpertsConfig {
        int experts = numLocalExperts.orElse(2);
        checkConfig(experts >= 2, "num_local_experts", experts, "must be >= 2");
        int perToken = numExpertsPerTok.orElse(EXPERTS_PER_TOKEN);
        checkConfig(
                numLocalExperts.isPresent() || numExpertsPerTok.isEmpty(), "num_experts_per_tok", perToken, WITHOUT);
        checkConfig(
                perToken >= 1 && perToken <= experts,
                "num_experts_per_tok",
                perToken,
                "must be in [1, num_local_experts]");
        double loss = routerAuxLossCoef.orElse(ROUTER_LOSS);
        checkConfig(numLocalExperts.isPresent() || routerAuxLossCoef.isEmpty(), "router_aux_loss_coef", loss, WITHOUT);
        checkConfig(loss >= 0 && Double.isFinite(loss), "router_aux_loss_coef", loss, "must be finite and >= 0");
    }

    /** E experts, of which each token goes to k. */
    public static ExpertsConfig of(int experts, int perToken, double routerLoss) {
        return new ExpertsConfig(Optional.of(experts), Optional.of(perToken), Optional.of(routerLoss));
    }

    boolean isMixture() {
        return numLocalExperts.isPresent();
    }

    FeedForwardConfig feedForward(int intermediateSize) {
        return numLocalExperts
                .map(experts -> FeedForwardConfig.experts(
                        intermediateSize,
                        experts,
                        numExpertsPerTok.orElse(EXPERTS_PER_TOKEN),
                        routerAuxLossCoef.orElse(ROUTER_LOSS)))
                .orElseGet(() -> FeedForwardConfig.swiGlu(intermediateSize));
    }
}
