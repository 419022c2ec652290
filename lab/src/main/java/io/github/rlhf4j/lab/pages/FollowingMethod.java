package io.github.rlhf4j.lab.pages;

import io.github.rlhf4j.core.UserError;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One of the setting {@code methods}: how a policy follows a reward model.
 *
 * @param type of its stage
 * @param byAllModels whether the reward is the mean of all reward models, not the first one's score
 * @param only the values that a run has for which this is done; empty for every run
 * @param steps after which it is measured, multiples of the first
 * @param keys of its stage
 */
record FollowingMethod(
        String name,
        String type,
        boolean byAllModels,
        Map<String, Object> only,
        List<Integer> steps,
        Map<String, Object> keys) {
    FollowingMethod {
        only = Collections.unmodifiableMap(new LinkedHashMap<>(only));
        steps = List.copyOf(steps);
        keys = Collections.unmodifiableMap(new LinkedHashMap<>(keys));
    }

    /** @throws UserError where it is no map with steps */
    static FollowingMethod of(String name, Object values) {
        Map<String, Object> keys = map(values);
        if (!(keys.remove("steps") instanceof List<?> steps) || steps.isEmpty()) {
            throw new UserError("the page's setting methods." + name + " must be a map with a list of steps");
        }
        Object type = keys.remove("type");
        Object all = keys.remove("all_models");
        Map<String, Object> only = map(keys.remove("only"));
        return new FollowingMethod(
                name,
                type == null ? name : type.toString(),
                Boolean.TRUE.equals(all),
                only,
                steps.stream().map(end -> Integer.valueOf(String.valueOf(end))).toList(),
                keys);
    }

    private static Map<String, Object> map(@Nullable Object values) {
        Map<String, Object> map = new LinkedHashMap<>();
        if (values instanceof Map<?, ?> own) {
            own.forEach((key, value) -> map.put(String.valueOf(key), value));
        }
        return map;
    }

    /** Its name as a folder's. */
    String folder() {
        return name.replace(' ', '_');
    }

    boolean isWantedFor(Map<String, Object> values) {
        return only.entrySet().stream()
                .allMatch(wanted ->
                        String.valueOf(values.get(wanted.getKey())).equals(String.valueOf(wanted.getValue())));
    }
}
