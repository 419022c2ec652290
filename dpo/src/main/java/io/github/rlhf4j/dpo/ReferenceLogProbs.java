package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.files.AtomicFiles;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The reference's log-probabilities of both responses of every pair of a dataset: 16 bytes a pair. Immutable. */
final class ReferenceLogProbs {
    private static final long MAGIC = 0x524C4846344A5246L; // "RLHF4JRF"

    private final double[] values; // (2 pairs): chosen, rejected, chosen, ...

    /** @param values for each pair its chosen and then its rejected response, nats; finite; not copied */
    ReferenceLogProbs(double[] values) {
        for (int i = 0; i < values.length; i++) {
            if (!Double.isFinite(values[i])) {
                throw new IllegalStateException(
                        "the reference gives pair " + i / 2 + " the log-probability " + values[i]);
            }
        }
        this.values = values;
    }

    int size() {
        return values.length / 2;
    }

    double chosen(long pair) {
        return values[Math.toIntExact(2 * pair)];
    }

    double rejected(long pair) {
        return values[Math.toIntExact(2 * pair + 1)];
    }

    /** Writes a file that {@link #read} understands, whole or not at all. */
    void write(Path file) {
        AtomicFiles.writeStream(file, stream -> {
            DataOutputStream out = new DataOutputStream(stream);
            out.writeLong(MAGIC);
            out.writeLong(values.length);
            for (double value : values) {
                out.writeDouble(value);
            }
            out.flush();
        });
    }

    /** What a file holds, empty where it does not exist, is damaged or is of another number of pairs. */
    static Optional<ReferenceLogProbs> read(Path file, long pairs) {
        try {
            if (!Files.isRegularFile(file) || Files.size(file) != 2 * Long.BYTES + 2 * pairs * Double.BYTES) {
                return Optional.empty();
            }
            try (DataInputStream in =
                    new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
                if (in.readLong() != MAGIC || in.readLong() != 2 * pairs) {
                    return Optional.empty();
                }
                double[] values = new double[Math.toIntExact(2 * pairs)];
                for (int i = 0; i < values.length; i++) {
                    values[i] = in.readDouble();
                    if (!Double.isFinite(values[i])) {
                        return Optional.empty();
                    }
                }
                return Optional.of(new ReferenceLogProbs(values));
            }
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
