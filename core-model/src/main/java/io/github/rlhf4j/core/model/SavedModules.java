package io.github.rlhf4j.core.model;

import java.util.List;

/**
 * Modules that are trained as a whole beside an adapter's low-rank terms, as peft's {@code modules_to_save}: each is a copy, so that the model's own stays.
 *
 * @param names modules' names, or ends of them, such as {@code lm_head}, {@code score} or {@code layers.0.mlp}; a module that has others has them saved too
 * @param tied whether one copy serves embedding and head of a model that has one matrix for both, as peft's {@code ensure_weight_tying} asks
 */
public record SavedModules(List<String> names, boolean tied) {
    /** None. */
    public static final SavedModules NONE = new SavedModules(List.of(), false);

    public SavedModules {
        names = List.copyOf(names);
    }

    /** Whether a module, such as {@code model.layers.0.mlp.gate_proj}, is named, or is within one that is. */
    boolean contains(String module) {
        return names.stream().anyMatch(name -> isWithin(module, name));
    }

    static boolean isWithin(String module, String name) {
        return ("." + module + ".").contains("." + name + ".");
    }
}
