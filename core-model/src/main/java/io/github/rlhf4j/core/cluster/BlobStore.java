package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.wire.Blob;

/** Where a worker has what travelled to it. */
@FunctionalInterface
public interface BlobStore {
    /**
     * The bytes of that digest.
     *
     * @param reference what knows only the digest
     * @throws IllegalStateException where they did not arrive
     */
    Blob get(Blob reference);
}
