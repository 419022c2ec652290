package io.github.rlhf4j.pipeline.config;

import io.github.rlhf4j.core.stage.Stage;
import java.lang.reflect.Type;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The keys of a stage with what is known of them, for help and for editors.
 *
 * @param type the stage's
 * @param keys by name, in the order of the config record
 */
public record StageKeys(String type, Map<String, Key> keys) {
    /**
     * One key.
     *
     * @param type of its value in the config record
     * @param value the default as YAML; empty where there is none
     * @param isRequired whether it must be given
     * @param meaning in words; empty where nobody has said
     */
    public record Key(Type type, Optional<String> value, boolean isRequired, String meaning) {
        /** "required", the default, or a dash. */
        public String standing() {
            return isRequired ? "required" : value.orElse("-");
        }
    }

    public StageKeys {
        keys = new LinkedHashMap<>(keys);
    }

    /** Of a bound stage. */
    public static StageKeys of(Stage<?> stage, String type) {
        Map<String, String> documented = KeyMeanings.ofStage(type);
        Map<String, String> comments = KeyMeanings.ofDefaults(stage.getClass(), type);
        Map<String, ConfigValue> defaults =
                StageDefaults.of(stage.getClass(), type).entries();
        Map<String, Key> keys = new LinkedHashMap<>();
        ConfigKeys.of(stage.configType()).forEach((name, component) -> {
            Optional<String> value = Optional.ofNullable(defaults.get(name)).map(ConfigValue::toLine);
            boolean isRequired = value.isEmpty() && ConfigKeys.absent(component.getType()) == null;
            String meaning = KeyMeanings.of(name, documented, comments).orElse("");
            keys.put(name, new Key(component.getGenericType(), value, isRequired, meaning));
        });
        return new StageKeys(type, keys);
    }
}
