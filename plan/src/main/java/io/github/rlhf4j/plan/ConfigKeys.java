package io.github.rlhf4j.plan;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.Suggestion;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The sizes and switches of a config.json under the family's own names, with transformers' defaults. */
final class ConfigKeys {
    private static final int MOST = 1 << 28;

    private final HuggingFaceConfig file;
    private final JsonNode rules;
    private final Set<String> asked = new TreeSet<>();

    /** @param rules the family's entry in families.json */
    ConfigKeys(HuggingFaceConfig file, JsonNode rules) {
        this.file = file;
        this.rules = rules;
    }

    JsonNode rules() {
        return rules;
    }

    /** A size that must be there. */
    long size(String key) {
        return file.getInt(given(key), 1, MOST);
    }

    /** A size, or the family's default, or else this one. */
    long size(String key, long otherwise) {
        String name = given(key);
        if (file.has(name)) {
            return file.getInt(name, 1, MOST);
        }
        JsonNode standard = rules.path("defaults").path(name);
        return standard.isIntegralNumber() ? standard.longValue() : otherwise;
    }

    /** A whole number that may be 0, or the family's default, or else this one. */
    long count(String key, long otherwise) {
        asked.add(key);
        return file.has(key)
                ? file.getInt(key, 0, MOST)
                : rules.path("defaults").path(key).asLong(otherwise);
    }

    /** Whether the file has a value for a key. */
    boolean isGiven(String key) {
        asked.add(key);
        return file.has(key);
    }

    /** Whether a key is in the file with no value. */
    boolean isNull(String key) {
        asked.add(key);
        return file.tree().path(key).isNull();
    }

    /** A switch of config.json. */
    boolean isOn(String key) {
        asked.add(key);
        return file.getBoolean(key, rules.path("defaults").path(key).asBoolean());
    }

    /** What a rule says: what the family always has, or the key that decides. */
    boolean isOn(JsonNode rule) {
        return rule.isTextual() ? isOn(rule.asText()) : rule.asBoolean();
    }

    /** Whether a rule's switch, where the family has one, is on. */
    boolean isOnOr(String rule, boolean otherwise) {
        return rules.has(rule) ? isOn(rules.get(rule)) : otherwise;
    }

    /** A list of texts or numbers, empty where there is none. */
    List<String> list(String key) {
        asked.add(key);
        List<String> values = new ArrayList<>();
        file.tree().path(key).forEach(value -> values.add(value.asText()));
        return values;
    }

    /**
     * Checks that keys that were given count.
     *
     * @throws UserError where one was not asked for
     */
    void requireAsked(Collection<String> given) {
        for (String key : given) {
            if (!asked.contains(key)) {
                throw new UserError(key + " is no key that counts in the sizes of a " + file.modelType() + " model"
                        + Suggestion.phrase(key, asked) + "; it must be one of " + String.join(", ", asked));
            }
        }
    }

    /** The mistake in a key. */
    UserError wrong(String problem) {
        return new UserError(file.source() + ": " + problem);
    }

    /** The first of the family's names of a size that the file has, else the first of them. */
    private String given(String key) {
        JsonNode names = rules.path("keys").path(key);
        if (!names.isArray()) {
            asked.add(names.asText(key));
            return names.asText(key);
        }
        for (JsonNode name : names) {
            asked.add(name.asText());
            if (file.has(name.asText())) {
                return name.asText();
            }
        }
        return names.path(0).asText();
    }
}
