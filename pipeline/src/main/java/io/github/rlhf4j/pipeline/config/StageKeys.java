package io.github.rlhf4j.pipeline.config;

import io.github.rlhf4j.core.optim.LearningRateSchedule;
import io.github.rlhf4j.core.stage.ConfigKey;
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
     * @param range the numbers or texts that it may be, as far as the record says so
     */
    public record Key(Type type, Optional<String> value, boolean isRequired, String meaning, KeyRange range) {

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
        ConfigValue.Entries defaults = StageDefaults.of(stage.getClass(), type);
        Map<String, ConfigKey<?>> declared = new LinkedHashMap<>();
        stage.keys().forEach(key -> declared.put(key.name(), key));
        Map<String, Object> standing = ConfigBinder.values(stage.configType(), stage.keys(), defaults);
        RecordProbe probe = new RecordProbe(stage.configType(), stage.keys(), standing);
        Map<String, Key> keys = new LinkedHashMap<>();
        ConfigKeys.of(stage.configType(), stage.keys()).forEach((name, wanted) -> {
            Optional<ConfigKey<?>> own = Optional.ofNullable(declared.get(name));
            Optional<String> value = Optional.ofNullable(defaults.entries().get(name))
                    .map(ConfigValue::toLine)
                    .or(() -> own.flatMap(ConfigKey::defaultText));
            boolean isRequired = value.isEmpty() && ConfigKeys.absent(wanted) == null;
            String meaning = KeyMeanings.of(name, documented, comments)
                    .orElse(own.map(ConfigKey::meaning).orElse(""));
            keys.put(name, new Key(wanted, value, isRequired, meaning, range(probe, name, wanted)));
        });
        return new StageKeys(type, keys);
    }

    private static KeyRange range(RecordProbe probe, String name, Type wanted) {
        return name.equals("lr_scheduler_type") // which is looked up when the number of steps is known
                ? KeyRange.oneOf(LearningRateSchedule.NAMES)
                : KeyRange.of(probe, name, wanted);
    }
}
