package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.wire.Blob;
import java.util.Map;

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

    /** Those of a map by digest, as it is when they are asked for. */
    static BlobStore of(Map<String, Blob> blobs) {
        return reference -> {
            Blob blob = blobs.get(reference.sha256());
            if (blob == null) {
                throw new IllegalStateException(reference + " did not arrive");
            }
            return blob;
        };
    }
}
