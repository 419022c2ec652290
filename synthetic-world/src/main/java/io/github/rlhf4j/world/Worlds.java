package io.github.rlhf4j.world;

import jakarta.inject.Inject;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The worlds of this process by seed, all of one size: building one takes about a second. Safe for use by several threads. */
public final class Worlds {
    private final WorldSize size;
    private final Map<Long, World> bySeed = new ConcurrentHashMap<>();

    @Inject
    public Worlds(WorldSize size) {
        this.size = size;
    }

    /** The world of {@code seed}: the seed of the run's data. */
    public World of(long seed) {
        return bySeed.computeIfAbsent(seed, key -> new World(key, size));
    }

    WorldSize size() {
        return size;
    }
}
