package io.github.rlhf4j.pipeline.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The names that keys of run files take because modules bind them, ours and the user's: losses, reward functions, judges. */
public final class BoundNames {
    /** Of none is anything known: any text is taken. */
    public static final BoundNames NONE = new BoundNames(Map.of());

    private final Map<String, Set<String>> byKey;

    private BoundNames(Map<String, Set<String>> byKey) {
        this.byKey = byKey;
    }

    /** The same and the names of one more key: {@code KEY}, {@code KEY.KEY} below another, either with {@code TYPE:} before it where it is that stage's alone. Without a name nothing is said of it. */
    public BoundNames with(String key, Set<String> names) {
        Map<String, Set<String>> more = new TreeMap<>(byKey);
        if (!names.isEmpty()) {
            more.put(key, new TreeSet<>(names));
        }
        return new BoundNames(more);
    }

    /** What a stage's key takes; empty where that is no such key. */
    Optional<List<String>> of(String type, String key) {
        return Optional.ofNullable(byKey.getOrDefault(type + ":" + key, byKey.get(key)))
                .map(List::copyOf);
    }
}
