package io.github.rlhf4j.core.wire;

import io.github.rlhf4j.core.files.Sha256;
import java.util.List;

/**
 * Many bytes that travel once, known by their digest: weights, states. Where they were received only the digest is known, and a worker gives the bytes.
 *
 * @param sha256 of all bytes, 64 lower-case hexadecimal digits
 * @param length bytes
 * @param chunks the bytes, in pieces of at most {@link WireWriter#CHUNK}; empty where only the digest is known. Nobody changes them
 */
public record Blob(String sha256, long length, List<byte[]> chunks) {
    public Blob {
        if (sha256.length() != 64 || length < 0) {
            throw new IllegalArgumentException("no digest: " + sha256 + " of " + length + " bytes");
        }
        chunks = List.copyOf(chunks);
    }

    /** Of these bytes. */
    public static Blob of(List<byte[]> chunks) {
        Sha256 digest = new Sha256();
        long length = 0;
        for (byte[] chunk : chunks) {
            digest.add(chunk);
            length += chunk.length;
        }
        return new Blob(digest.hex(), length, chunks);
    }

    /** Whether the bytes are here. */
    private boolean isHere() {
        return length == 0 || !chunks.isEmpty();
    }

    /** Reads the bytes, which must be here. */
    public WireReader reader() {
        if (!isHere()) {
            throw new IllegalStateException("the bytes of " + sha256 + " are elsewhere");
        }
        return new WireReader(chunks);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Blob blob && blob.sha256.equals(sha256);
    }

    @Override
    public int hashCode() {
        return sha256.hashCode();
    }

    @Override
    public String toString() {
        return length + " bytes of " + sha256;
    }
}
