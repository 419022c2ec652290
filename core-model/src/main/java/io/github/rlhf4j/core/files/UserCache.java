package io.github.rlhf4j.core.files;

import java.nio.file.Path;
import java.util.Optional;

/** The user's cache, which all runs share: RLHF4J_CACHE_DIR, else rlhf4j in XDG_CACHE_HOME, else ~/.cache/rlhf4j. */
public final class UserCache {
    private static final String PROPERTY = "rlhf4j.cache"; // names another folder, for tests

    private UserCache() {}

    /** Its folder of a name, which need not exist. */
    public static Path folder(String name) {
        return Optional.ofNullable(System.getProperty(PROPERTY))
                .map(Path::of)
                .or(() -> environment("RLHF4J_CACHE_DIR"))
                .or(() -> environment("XDG_CACHE_HOME").map(cache -> cache.resolve("rlhf4j")))
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache", "rlhf4j"))
                .resolve(name);
    }

    private static Optional<Path> environment(String variable) {
        return Optional.ofNullable(System.getenv(variable))
                .filter(value -> !value.isEmpty())
                .map(Path::of);
    }
}
