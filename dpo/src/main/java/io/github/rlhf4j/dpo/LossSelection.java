package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.Suggestion;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.ConfigKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Makes what a config learns by, of the losses that are bound, and holds the rules about which key belongs to which loss. */
final class LossSelection {
    private final Map<String, PreferenceLossFactory> bound;

    LossSelection(Map<String, PreferenceLossFactory> bound) {
        this.bound = bound;
    }

    /**
     * The keys of all losses.
     *
     * @throws UserError where two losses declare one key differently
     */
    List<ConfigKey<?>> keys() {
        Map<String, List<ConfigKey<?>>> declared = new LinkedHashMap<>();
        bound.forEach((name, factory) -> declared.put(name, factory.keys()));
        return ConfigKey.union("losses", declared);
    }

    /**
     * What the stage learns by.
     *
     * @throws UserError for an unknown name, a key that would do nothing, and an option that a loss refuses
     */
    PreferenceKind<?> of(DpoConfig config) {
        return config.lossType().contains(RankedPreferences.NAME) ? rankings(config) : pairs(config);
    }

    private static RankedPreferences rankings(DpoConfig config) {
        List<String> given = new ArrayList<>(config.lossKeys().names());
        if (config.weighting().useWeighting()) {
            given.add("use_weighting");
        }
        if (config.weighting().ldAlpha().isPresent()) {
            given.add("ld_alpha");
        }
        if (config.lossType().size() > 1 || !config.lossWeights().isEmpty()) {
            throw new UserError("loss_type " + RankedPreferences.NAME
                    + " compares whole rankings, so must be alone and without loss_weights");
        }
        if (!given.isEmpty()) {
            throw new UserError(String.join(", ", given) + " has no effect with loss_type " + RankedPreferences.NAME
                    + "; remove it or choose a loss that uses it");
        }
        return new RankedPreferences(config.beta());
    }

    private PairPreferences pairs(DpoConfig config) {
        Map<String, PreferenceLossFactory> chosen = new LinkedHashMap<>();
        for (String name : config.lossType()) {
            chosen.put(name, factory(name));
        }
        List<String> refused = new ArrayList<>();
        Map<String, PreferenceLoss> losses = create(config, chosen, refused);
        List<String> mistakes =
                new ArrayList<>(inertKeys(chosen, losses, config.lossKeys().names()));
        mistakes.addAll(refused);
        if (!mistakes.isEmpty()) {
            throw new UserError(String.join("\n", mistakes));
        }
        PreferenceLoss loss = PreferenceLosses.mixture(List.copyOf(losses.values()), config.weights());
        ReferenceConfig reference = config.reference();
        if (!loss.needsReference()
                && (reference.refModel().isPresent() || reference.sync().syncRefModel())) {
            throw new UserError((reference.sync().syncRefModel() ? "sync_ref_model" : "ref_model")
                    + " has no effect with loss_type " + String.join(", ", config.lossType())
                    + ", which needs no reference; remove it");
        }
        if (config.weighting().useWeighting() && !loss.takesWeights()) {
            throw new UserError("use_weighting must be false with loss_type " + String.join(", ", config.lossType())
                    + ", which is no sum over pairs that could be weighted");
        }
        LossChoice choice = new LossChoice(config.lossType(), config.weights(), config.beta(), config.lossKeys());
        requireThatItTravels(config, choice, loss);
        return new PairPreferences(choice, loss, config.weighting());
    }

    private static void requireThatItTravels(DpoConfig config, LossChoice choice, PreferenceLoss loss) {
        if (config.parts().hasParts()) {
            choice.requireBuiltIn();
        }
        if (config.parts().shards() > 1 && !loss.separable()) {
            throw new UserError("shards must be 1 with loss_type " + String.join(", ", config.lossType())
                    + ", whose loss is of the whole batch at once; replicas with local_steps go with it");
        }
    }

    private PreferenceLossFactory factory(String name) {
        PreferenceLossFactory factory = bound.get(name);
        if (factory == null) {
            Set<String> names = PreferenceLosses.names(bound.keySet());
            throw new UserError("loss_type must be one of " + String.join(", ", names) + ", but is " + name
                    + Suggestion.phrase(name, names));
        }
        return factory;
    }

    /** Those that can be made; what the others refuse goes to {@code refused}. */
    private static Map<String, PreferenceLoss> create(
            DpoConfig config, Map<String, PreferenceLossFactory> chosen, List<String> refused) {
        LossOptions options = LossOptions.of(config.beta(), config.lossKeys());
        Map<String, PreferenceLoss> made = new LinkedHashMap<>();
        chosen.forEach((name, factory) -> {
            try {
                made.put(name, factory.create(options.declaring(factory.keys())));
            } catch (IllegalArgumentException e) {
                refused.add("with loss_type " + name + " " + e.getMessage());
            }
        });
        return made;
    }

    /**
     * What is wrong with the keys that a user set, one sentence each, in alphabetical order of the keys; empty where nothing is.
     *
     * <p>A key must be read by at least one of the losses; a divergence must be honoured by every loss that has a reference, since it changes what all of them mean.
     *
     * @param factories the run's losses by name
     * @param losses those that could be made
     * @param given the names of keys that the user set
     */
    static List<String> inertKeys(
            Map<String, PreferenceLossFactory> factories, Map<String, PreferenceLoss> losses, Set<String> given) {
        List<String> problems = new ArrayList<>();
        for (String key : new TreeSet<>(given)) {
            boolean changesTheReference =
                    names(PreferenceLosses.OF_THE_REFERENCE).contains(key);
            List<String> ignoring = new ArrayList<>();
            List<String> withReference = new ArrayList<>();
            factories.forEach((name, factory) -> {
                if (!names(factory.keys()).contains(key)) {
                    ignoring.add(name);
                    PreferenceLoss loss = losses.get(name);
                    if (loss == null || loss.needsReference()) {
                        withReference.add(name);
                    }
                }
            });
            if (ignoring.size() < factories.size()) {
                ignoring.retainAll(changesTheReference ? withReference : List.of());
            }
            if (!ignoring.isEmpty()) {
                problems.add(key + " has no effect with loss_type " + String.join(", ", ignoring)
                        + "; remove it or choose a loss that uses it");
            }
        }
        return problems;
    }

    private static List<String> names(List<ConfigKey<?>> keys) {
        return keys.stream().map(ConfigKey::name).toList();
    }
}
