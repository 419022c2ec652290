package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.wire.Blob;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** What a worker has made of bytes that travelled, by their digest. */
final class MadeOfBytes {
    private final Map<String, Object> made = new HashMap<>();

    @SuppressWarnings("unchecked") // whoever asks for it made it
    <R> R of(Blob blob, Supplier<R> make) {
        return (R) made.computeIfAbsent(blob.sha256(), missing -> make.get());
    }

    /** Forgets all but these digests; what has an end is ended. */
    void keep(Set<String> wanted) {
        made.entrySet().removeIf(entry -> {
            boolean isWanted = wanted.contains(entry.getKey());
            if (!isWanted && entry.getValue() instanceof Worker.Kept kept) {
                kept.close();
            }
            return !isWanted;
        });
    }
}
