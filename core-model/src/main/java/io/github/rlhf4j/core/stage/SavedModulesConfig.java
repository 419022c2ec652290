package io.github.rlhf4j.core.stage;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.model.SavedModules;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What is trained as a whole beside an adapter's low-rank terms, under the keys of {@link AdapterConfig}.
 *
 * @param modulesToSave modules by the ends of their names, such as lm_head or score; default none
 * @param ensureWeightTying one copy for the embedding and the head of a model that has one matrix for both; default false
 */
public record SavedModulesConfig(List<String> modulesToSave, Optional<Boolean> ensureWeightTying)
        implements ConfigGroup {
    /** Nothing. */
    public static final SavedModulesConfig NONE = new SavedModulesConfig(List.of(), Optional.empty());

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_]+(\\.[A-Za-z0-9_]+)*");

    public SavedModulesConfig {
        modulesToSave = List.copyOf(modulesToSave);
        modulesToSave.forEach(name -> checkConfig(
                NAME.matcher(name).matches(), "modules_to_save", name, "must be names of modules such as lm_head"));
    }

    /** These modules. */
    public static SavedModulesConfig of(String... modules) {
        return new SavedModulesConfig(List.of(modules), Optional.empty());
    }

    SavedModules modules() {
        return new SavedModules(modulesToSave, ensureWeightTying.orElse(false));
    }
}
