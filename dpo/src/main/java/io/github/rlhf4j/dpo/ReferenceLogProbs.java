package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.files.AtomicFiles;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;

/** The reference's log-probabilities of the responses of every example of a dataset: 8 bytes a response. Immutable. */
final class ReferenceLogProbs {
    private static final long MAGIC = 0x524C4846344A5247L; // "RLHF4JRG"
    private static final int DIGEST_BYTES = 32;

    private final double[] values; // (responses)
    private final int[] starts; // (examples + 1)

    /**
     * @param values those of the first example's responses, then the second's, ..., nats; finite; not copied
     * @param starts where each example's begin, and their number; not copied
     */
    ReferenceLogProbs(double[] values, int[] starts) {
        for (int i = 0; i < values.length; i++) {
            if (!Double.isFinite(values[i])) {
                int example = Arrays.binarySearch(starts, i);
                throw new IllegalStateException("the reference gives example " + (example < 0 ? -example - 2 : example)
                        + " the log-probability " + values[i]);
            }
        }
        this.values = values;
        this.starts = starts;
    }

    int size() {
        return starts.length - 1;
    }

    /** Those of one example's responses. */
    double[] of(int example) {
        return Arrays.copyOfRange(values, starts[example], starts[example + 1]);
    }

    /** Writes a file that {@link #read} understands, whole or not at all: numbers and, at the end, their SHA-256. */
    void write(Path file) {
        AtomicFiles.writeStream(file, stream -> {
            DigestOutputStream digesting = new DigestOutputStream(stream, sha256());
            DataOutputStream out = new DataOutputStream(digesting);
            out.writeLong(MAGIC);
            out.writeLong(values.length);
            for (double value : values) {
                out.writeDouble(value);
            }
            out.flush();
            stream.write(digesting.getMessageDigest().digest());
        });
    }

    /** What a file holds, empty where it does not exist, is damaged or is of another number of responses. */
    static Optional<ReferenceLogProbs> read(Path file, int[] starts) {
        int count = starts[starts.length - 1];
        long bytes = 2 * Long.BYTES + (long) count * Double.BYTES + DIGEST_BYTES;
        try {
            if (!Files.isRegularFile(file) || Files.size(file) != bytes) {
                return Optional.empty();
            }
            try (InputStream stream = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
                DigestInputStream digesting = new DigestInputStream(stream, sha256());
                DataInputStream in = new DataInputStream(digesting);
                if (in.readLong() != MAGIC || in.readLong() != count) {
                    return Optional.empty();
                }
                double[] values = new double[count];
                boolean areFinite = true;
                for (int i = 0; i < count; i++) {
                    values[i] = in.readDouble();
                    areFinite &= Double.isFinite(values[i]);
                }
                byte[] digest = digesting.getMessageDigest().digest();
                return areFinite && Arrays.equals(digest, stream.readNBytes(DIGEST_BYTES))
                        ? Optional.of(new ReferenceLogProbs(values, starts))
                        : Optional.empty();
            }
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
