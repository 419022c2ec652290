package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.UserError;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Makes what a config learns by, of the losses that are bound. */
final class LossSelection {
    private final Map<String, PreferenceLossFactory> bound;

    LossSelection(Map<String, PreferenceLossFactory> bound) {
        this.bound = bound;
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
        List<String> given = new ArrayList<>(config.givenLossKeys());
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
        List<String> inert = PreferenceLosses.inertKeys(chosen, config.givenLossKeys());
        if (!inert.isEmpty()) {
            throw new UserError(String.join("\n", inert));
        }
        PreferenceLoss loss = create(config, chosen);
        ReferenceConfig reference = config.reference();
        if (!loss.needsReference() && (reference.refModel().isPresent() || reference.syncRefModel())) {
            throw new UserError(
                    (reference.syncRefModel() ? "sync_ref_model" : "ref_model") + " has no effect with loss_type "
                            + String.join(", ", config.lossType()) + ", which needs no reference; remove it");
        }
        if (config.weighting().useWeighting() && !loss.takesWeights()) {
            throw new UserError("use_weighting must be false with loss_type " + String.join(", ", config.lossType())
                    + ", which is no sum over pairs that could be weighted");
        }
        return new PairPreferences(loss, config.beta(), config.weighting());
    }

    private PreferenceLossFactory factory(String name) {
        PreferenceLossFactory factory = bound.get(name);
        if (factory == null) {
            Set<String> names = new TreeSet<>(bound.keySet());
            names.add(RankedPreferences.NAME);
            throw new UserError("loss_type must be one of " + String.join(", ", names) + ", but is " + name);
        }
        return factory;
    }

    private static PreferenceLoss create(DpoConfig config, Map<String, PreferenceLossFactory> chosen) {
        List<PreferenceLoss> made = new ArrayList<>();
        chosen.forEach((name, factory) -> {
            try {
                made.add(factory.create(config.lossOptions()));
            } catch (IllegalArgumentException e) {
                throw new UserError("with loss_type " + name + " " + e.getMessage(), e);
            }
        });
        return PreferenceLosses.mixture(made, config.weights());
    }
}
