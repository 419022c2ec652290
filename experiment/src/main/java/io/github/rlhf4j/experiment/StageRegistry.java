package io.github.rlhf4j.experiment;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Where each stage that is complete can be found, by the digest of what it depends on. */
final class StageRegistry {
    private final Map<String, Path> places = new HashMap<>();

    /** A run has the stage complete in its folder. */
    synchronized void done(String digest, Path run) {
        places.putIfAbsent(digest, run);
    }

    synchronized Optional<Path> find(String digest) {
        return Optional.ofNullable(places.get(digest));
    }
}
