package io.github.rlhf4j.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.Sha256;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What was varied, by key: {@code dpo.beta} to 0.1.
 *
 * @param byKey in the order of the experiment
 */
public record Values(Map<String, JsonNode> byKey) {
    private static final int LONGEST_FOLDER = 80;

    public Values {
        byKey = Collections.unmodifiableMap(new LinkedHashMap<>(byKey));
    }

    /** Whether a key is the seed of the run or of a stage: runs that differ in nothing else are one group. */
    static boolean isSeed(String key) {
        return key.equals("seed") || key.endsWith(".seed");
    }

    /** The same without seeds. */
    public Values withoutSeeds() {
        Map<String, JsonNode> left = new LinkedHashMap<>(byKey);
        left.keySet().removeIf(Values::isSeed);
        return new Values(left);
    }

    /** The seeds alone. */
    Values seeds() {
        Map<String, JsonNode> left = new LinkedHashMap<>(byKey);
        left.keySet().removeIf(key -> !isSeed(key));
        return new Values(left);
    }

    /**
     * A value as a number.
     *
     * @throws UserError when the key was not varied, or its value is no number
     */
    public double number(String key) {
        JsonNode value = value(key);
        if (!value.isNumber()) {
            throw new UserError("the value of " + key + " is " + value + ", which is no number");
        }
        return value.doubleValue();
    }

    /**
     * A value as it is written in a run file.
     *
     * @throws UserError when the key was not varied
     */
    public String text(String key) {
        return text(value(key));
    }

    private JsonNode value(String key) {
        JsonNode value = byKey.get(key);
        if (value == null) {
            throw new UserError(key + " was not varied; varied were " + String.join(", ", byKey.keySet()));
        }
        return value;
    }

    static String text(JsonNode value) {
        return value.isTextual() ? value.asText() : value.toString();
    }

    /** Whether all of {@code some} are among these. */
    boolean contains(Values some) {
        return some.byKey.entrySet().stream().allMatch(entry -> isSame(entry.getValue(), byKey.get(entry.getKey())));
    }

    private static boolean isSame(JsonNode one, @Nullable JsonNode other) {
        return other != null
                && (one.equals(other)
                        || one.isNumber() && other.isNumber() && one.doubleValue() == other.doubleValue());
    }

    /** For people: {@code dpo.beta=0.1, seed=1}; "as the file says" where nothing was varied. */
    public String label() {
        return byKey.isEmpty()
                ? "as the file says"
                : byKey.entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + text(entry.getValue()))
                        .collect(Collectors.joining(", "));
    }

    /** As {@link #label}, with the last part of a key where no other of {@code keys} ends in the same. */
    String brief(Set<String> keys) {
        Map<String, JsonNode> named = new LinkedHashMap<>();
        byKey.forEach((key, value) -> {
            String last = key.substring(key.lastIndexOf('.') + 1);
            boolean isOnly = keys.stream()
                            .filter(other ->
                                    other.substring(other.lastIndexOf('.') + 1).equals(last))
                            .count()
                    == 1;
            named.put(isOnly ? last : key, value);
        });
        return named.size() == 1 && named.containsKey("run") ? named.get("run").asText() : new Values(named).label();
    }

    /** A folder's name, another for other values. */
    String folder() {
        String name = byKey.entrySet().stream()
                .map(entry -> entry.getKey() + "-" + text(entry.getValue()))
                .collect(Collectors.joining("_"));
        String plain = name.replaceAll("[^A-Za-z0-9_.-]+", "-").replaceAll("^[.]+", "");
        if (plain.equals(name) && name.length() <= LONGEST_FOLDER && !name.isEmpty()) {
            return name;
        }
        String digest = new Sha256().add(label()).hex().substring(0, 10);
        return name.isEmpty()
                ? "run"
                : plain.substring(0, Math.min(plain.length(), LONGEST_FOLDER - 11)) + "-" + digest;
    }
}
