package io.github.rlhf4j.core.model;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What an adapter's folder says of it, its weights left aside.
 *
 * @param config rank, scale and targets
 * @param modules the layers that have one
 * @param weights how many numbers it has
 * @param all the layers of the model that could have one
 */
public record StoredAdapter(LoraConfig config, Set<String> modules, long weights, Set<String> all) {
    public StoredAdapter {
        modules = Set.copyOf(modules);
        all = Set.copyOf(all);
    }

    /**
     * Of a folder, for a model of that config.
     *
     * @throws io.github.rlhf4j.core.UserError where it is none, or does not fit the model
     */
    public static StoredAdapter of(Path directory, ModelConfig model, Set<Head> heads) {
        return AdapterFiles.look(directory, model, heads);
    }

    /** What follows the last dot of each layer's name, sorted. */
    public Set<String> shortNames() {
        return new TreeSet<>(AdapterLayout.shortNames(modules));
    }

    /** Whether these targets choose the modules that have one. */
    public boolean isOn(TargetModules targets) {
        return all.stream()
                .filter(targets::contains)
                .collect(Collectors.toSet())
                .equals(modules);
    }

    /** Whether it saves all modules of these names as a whole. */
    public boolean saves(List<String> names) {
        return names.stream()
                .allMatch(name -> config.saved().names().stream()
                        .anyMatch(module -> SavedModules.isWithin(module, name) || module.equals(name)));
    }
}
