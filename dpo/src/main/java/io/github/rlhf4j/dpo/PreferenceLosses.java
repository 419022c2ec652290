package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.stage.ConfigKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** The built-in losses by name, each with its keys, and mixtures of losses. */
public final class PreferenceLosses {
    /** Probability that a label is wrong; robust takes less than 0.5, exo_pair more than 0. */
    public static final ConfigKey<Double> LABEL_SMOOTHING = ConfigKey.number("label_smoothing", 0)
            .atLeast(0)
            .below(1)
            .meaning("probability that a label is wrong")
            .source("TRL");

    /** The transform of the log-ratios: {@link FDivergence}. */
    public static final ConfigKey<String> F_DIVERGENCE_TYPE = ConfigKey.choice(
                    "f_divergence_type", FDivergence.NAMES, "reverse_kl")
            .meaning("divergence that holds the policy near the reference")
            .source("Wang et al. 2023, arXiv:2309.16240");

    /** alpha of alpha_divergence. */
    public static final ConfigKey<Double> F_ALPHA_DIVERGENCE_COEF = ConfigKey.number("f_alpha_divergence_coef", 0.5)
            .onlyWith(F_DIVERGENCE_TYPE, "alpha_divergence")
            .meaning("alpha of alpha_divergence")
            .source("TRL");

    /** What ipo compares. */
    public static final ConfigKey<IpoLength> IPO_LENGTH = ConfigKey.choice("ipo_length", IpoLength.TOKEN)
            .meaning(
                    "whether ipo compares scores per token or of whole responses; in online_dpo the default is sequence")
            .source("TRL");

    /** Target margin of simpo, dimensionless. */
    public static final ConfigKey<Double> SIMPO_GAMMA = ConfigKey.number("simpo_gamma", 0.5)
            .meaning("target margin of simpo")
            .source("TRL");

    /** Weight of cpo's likelihood term. */
    public static final ConfigKey<Double> CPO_ALPHA = ConfigKey.number("cpo_alpha", 1)
            .atLeast(0)
            .meaning("weight of cpo's likelihood term")
            .source("TRL");

    /** Temperature of discopop's blend. */
    public static final ConfigKey<Double> DISCOPOP_TAU = ConfigKey.number("discopop_tau", 0.05)
            .above(0)
            .meaning("temperature of discopop's blend")
            .source("Lu et al. 2024, arXiv:2406.08414");

    /** Keys that change what every loss with a reference compares, so that all of those must read them. */
    static final List<ConfigKey<?>> OF_THE_REFERENCE = List.of(F_DIVERGENCE_TYPE, F_ALPHA_DIVERGENCE_COEF);

    private PreferenceLosses() {}

    /**
     * What {@code loss_type} of stage dpo takes.
     *
     * @param bound names of losses over pairs
     */
    public static Set<String> names(Set<String> bound) {
        Set<String> names = new TreeSet<>(bound);
        names.add(RankedPreferences.NAME);
        return names;
    }

    /** The built-in factories by the name a run file's {@code loss_type} gives them, in the order of the documentation. */
    public static Map<String, PreferenceLossFactory> builtIn() {
        Map<String, PreferenceLossFactory> losses = new LinkedHashMap<>();
        losses.put("sigmoid", gap(o -> new SigmoidLoss(o.beta(), smoothing(o), divergence(o)), LABEL_SMOOTHING));
        losses.put("hinge", gap(o -> new HingeLoss(o.beta(), divergence(o))));
        losses.put("ipo", gap(o -> new IpoLoss(o.beta(), o.get(IPO_LENGTH), divergence(o)), IPO_LENGTH));
        losses.put("robust", gap(o -> new RobustLoss(o.beta(), smoothing(o), divergence(o)), LABEL_SMOOTHING));
        losses.put("exo_pair", gap(o -> new ExoPairLoss(o.beta(), smoothing(o), divergence(o)), LABEL_SMOOTHING));
        losses.put("nca_pair", factory(o -> new NcaPairLoss(o.beta())));
        losses.put("bco_pair", factory(o -> new BcoPairLoss(o.beta())));
        losses.put("sppo_hard", factory(o -> new SppoHardLoss(o.beta())));
        losses.put("aot", factory(o -> new AotLoss(o.beta(), smoothing(o)), LABEL_SMOOTHING));
        losses.put("aot_unpaired", factory(o -> new AotUnpairedLoss(o.beta(), smoothing(o)), LABEL_SMOOTHING));
        losses.put("apo_zero", factory(o -> new ApoZeroLoss(o.beta())));
        losses.put("apo_down", factory(o -> new ApoDownLoss(o.beta())));
        losses.put("discopop", gap(o -> new DiscoPopLoss(o.beta(), o.get(DISCOPOP_TAU), divergence(o)), DISCOPOP_TAU));
        losses.put("sigmoid_norm", gap(o -> new SigmoidNormLoss(o.beta(), divergence(o))));
        losses.put("sft", factory(o -> new SftLoss()));
        losses.put("orpo", factory(o -> withSft(new OrpoLoss(o.beta()), 1)));
        losses.put("simpo", factory(o -> new SimPoLoss(o.beta(), o.get(SIMPO_GAMMA)), SIMPO_GAMMA));
        losses.put("cpo", factory(o -> withSft(new CpoLoss(o.beta()), o.get(CPO_ALPHA)), CPO_ALPHA));
        return Collections.unmodifiableMap(losses);
    }

    /**
     * The weighted sum of {@code losses}; a single loss of weight 1 is returned as it is.
     *
     * @throws IllegalArgumentException where the numbers of losses and weights differ
     */
    public static PreferenceLoss mixture(List<? extends PreferenceLoss> losses, List<Double> weights) {
        if (losses.size() != weights.size()) {
            throw new IllegalArgumentException("loss_weights must have one weight for each loss_type, but has "
                    + weights.size() + " for " + losses.size());
        }
        if (losses.size() == 1 && weights.get(0) == 1.0) {
            return losses.get(0);
        }
        List<MixtureLoss.Part> parts = new ArrayList<>();
        for (int i = 0; i < losses.size(); i++) {
            parts.add(new MixtureLoss.Part(losses.get(i), weights.get(i)));
        }
        return new MixtureLoss(parts);
    }

    private static PreferenceLoss withSft(PreferenceLoss loss, double weight) {
        return mixture(List.of(loss, new SftLoss()), List.of(1.0, weight));
    }

    private static double smoothing(LossOptions options) {
        return options.get(LABEL_SMOOTHING);
    }

    private static FDivergence divergence(LossOptions options) {
        return FDivergence.of(options.get(F_DIVERGENCE_TYPE), options.get(F_ALPHA_DIVERGENCE_COEF));
    }

    /** A loss on the gap of the divergence's scores. */
    private static PreferenceLossFactory gap(Function<LossOptions, PreferenceLoss> make, ConfigKey<?>... keys) {
        List<ConfigKey<?>> all = new ArrayList<>(List.of(keys));
        all.addAll(OF_THE_REFERENCE);
        return factory(make, all.toArray(ConfigKey<?>[]::new));
    }

    private static PreferenceLossFactory factory(Function<LossOptions, PreferenceLoss> make, ConfigKey<?>... keys) {
        return PreferenceLossFactory.of(make, keys);
    }
}
