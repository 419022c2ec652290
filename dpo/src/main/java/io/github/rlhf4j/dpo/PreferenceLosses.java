package io.github.rlhf4j.dpo;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** The built-in losses by name, mixtures of them, and the rules about which key belongs to which loss. */
public final class PreferenceLosses {
    /** Every key that belongs to some losses only. */
    public static final Set<String> OPTIONAL_KEYS = Collections.unmodifiableSet(new TreeSet<>(Set.of(
            "beta",
            "label_smoothing",
            "f_divergence_type",
            "f_alpha_divergence_coef",
            "ipo_length",
            "simpo_gamma",
            "cpo_alpha",
            "discopop_tau")));

    private static final String[] DIVERGENCE = {"f_divergence_type", "f_alpha_divergence_coef"};

    private PreferenceLosses() {}

    /** The built-in factories by the name a run file's {@code loss_type} gives them, in the order of the documentation. */
    public static Map<String, PreferenceLossFactory> builtIn() {
        Map<String, PreferenceLossFactory> losses = new LinkedHashMap<>();
        losses.put(
                "sigmoid", gap(o -> new SigmoidLoss(o.beta(), o.labelSmoothing(), o.divergence()), "label_smoothing"));
        losses.put("hinge", gap(o -> new HingeLoss(o.beta(), o.divergence())));
        losses.put("ipo", gap(o -> new IpoLoss(o.beta(), o.ipoLength(), o.divergence()), "ipo_length"));
        losses.put("robust", gap(o -> new RobustLoss(o.beta(), o.labelSmoothing(), o.divergence()), "label_smoothing"));
        losses.put(
                "exo_pair", gap(o -> new ExoPairLoss(o.beta(), o.labelSmoothing(), o.divergence()), "label_smoothing"));
        losses.put("nca_pair", factory(o -> new NcaPairLoss(o.beta()), "beta"));
        losses.put("bco_pair", factory(o -> new BcoPairLoss(o.beta()), "beta"));
        losses.put("sppo_hard", factory(o -> new SppoHardLoss(o.beta()), "beta"));
        losses.put("aot", factory(o -> new AotLoss(o.beta(), o.labelSmoothing()), "beta", "label_smoothing"));
        losses.put(
                "aot_unpaired",
                factory(o -> new AotUnpairedLoss(o.beta(), o.labelSmoothing()), "beta", "label_smoothing"));
        losses.put("apo_zero", factory(o -> new ApoZeroLoss(o.beta()), "beta"));
        losses.put("apo_down", factory(o -> new ApoDownLoss(o.beta()), "beta"));
        losses.put("discopop", gap(o -> new DiscoPopLoss(o.beta(), o.discopopTau(), o.divergence()), "discopop_tau"));
        losses.put("sigmoid_norm", gap(o -> new SigmoidNormLoss(o.beta(), o.divergence())));
        losses.put("sft", factory(o -> new SftLoss()));
        losses.put(
                "orpo",
                factory(o -> mixture(List.of(new OrpoLoss(o.beta()), new SftLoss()), List.of(1.0, 1.0)), "beta"));
        losses.put("simpo", factory(o -> new SimPoLoss(o.beta(), o.simpoGamma()), "beta", "simpo_gamma"));
        losses.put("cpo", factory(PreferenceLosses::cpo, "beta", "cpo_alpha"));
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

    /**
     * What is wrong with the keys that a user set, one sentence each, in alphabetical order of the keys; empty where nothing is.
     *
     * <p>A key must be read by at least one of the losses; a divergence must be honoured by every loss that has a reference at all, since it
     * changes what all of them mean.
     *
     * @param factories the run's losses by name
     * @param given the keys that the user set, whatever they belong to
     */
    public static List<String> inertKeys(Map<String, PreferenceLossFactory> factories, Set<String> given) {
        List<String> problems = new ArrayList<>();
        for (String key : OPTIONAL_KEYS) {
            if (given.contains(key)) {
                List<String> ignoring = factories.entrySet().stream()
                        .filter(entry -> !entry.getValue().keys().contains(key))
                        .map(Map.Entry::getKey)
                        .filter(name -> !(isDivergence(key) && name.equals("sft")))
                        .toList();
                boolean ignored = isDivergence(key)
                        ? !ignoring.isEmpty() || factories.keySet().equals(Set.of("sft"))
                        : ignoring.size() == factories.size();
                if (ignored) {
                    problems.add(key + " has no effect with loss_type "
                            + String.join(
                                    ", ", isDivergence(key) && !ignoring.isEmpty() ? ignoring : factories.keySet())
                            + "; remove it or choose a loss that uses it");
                }
            }
        }
        return problems;
    }

    private static boolean isDivergence(String key) {
        return key.startsWith("f_");
    }

    private static PreferenceLoss cpo(LossOptions options) {
        return mixture(List.of(new CpoLoss(options.beta()), new SftLoss()), List.of(1.0, options.cpoAlpha()));
    }

    /** A loss on the gap of the divergence's scores. */
    private static PreferenceLossFactory gap(Function<LossOptions, PreferenceLoss> make, String... keys) {
        List<String> all = new ArrayList<>(List.of("beta"));
        all.addAll(List.of(DIVERGENCE));
        all.addAll(List.of(keys));
        return new SimpleFactory(make, Set.copyOf(all));
    }

    private static PreferenceLossFactory factory(Function<LossOptions, PreferenceLoss> make, String... keys) {
        return new SimpleFactory(make, Set.of(keys));
    }

    private record SimpleFactory(Function<LossOptions, PreferenceLoss> make, Set<String> keys)
            implements PreferenceLossFactory {
        @Override
        public PreferenceLoss create(LossOptions options) {
            return make.apply(options);
        }
    }
}
