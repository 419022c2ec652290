package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.UserError;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Makes the loss that a config asks for, of the losses that are bound. */
final class LossSelection {
    private final Map<String, PreferenceLossFactory> bound;

    LossSelection(Map<String, PreferenceLossFactory> bound) {
        this.bound = bound;
    }

    /**
     * The loss.
     *
     * @throws UserError for an unknown name, a key that would do nothing, and an option that a loss refuses
     */
    PreferenceLoss of(DpoConfig config) {
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
        return loss;
    }

    private PreferenceLossFactory factory(String name) {
        PreferenceLossFactory factory = bound.get(name);
        if (factory == null) {
            throw new UserError("loss_type must be one of " + String.join(", ", new TreeSet<>(bound.keySet()))
                    + ", but is " + name);
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
