package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.files.Sha256;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The rows of a replica in a round, in a file with those of all replicas: step after step, and in it replica after replica, how many bytes there are and what the objective wrote. A round may be long, so neither the driver nor a worker has more than one step of it in memory.
 *
 * @param replica from 0
 * @param replicas of the round
 * @param sha256 of what is this replica's
 */
record RoundRows(Path file, int replica, int replicas, String sha256) {
    /**
     * Writes a file.
     *
     * @param steps of the round
     * @param batches the rows of its steps, from 0, each asked for once
     * @return of each replica
     */
    static <T> List<RoundRows> write(
            Path file, int replicas, int steps, LongFunction<List<T>> batches, TravellingObjective<T> objective) {
        List<Sha256> digests = Stream.generate(Sha256::new).limit(replicas).toList();
        AtomicFiles.writeStream(file, stream -> {
            DataOutputStream out = new DataOutputStream(stream);
            for (int step = 0; step < steps; step++) {
                List<T> batch = batches.apply(step);
                for (int replica = 0; replica < replicas; replica++) {
                    WireWriter rows = new WireWriter();
                    objective.write(Replicas.share(batch, replica, replicas), rows);
                    byte[] bytes = rows.bytes();
                    out.writeInt(bytes.length);
                    out.write(bytes);
                    digests.get(replica).add(bytes);
                }
            }
        });
        return IntStream.range(0, replicas)
                .mapToObj(replica -> new RoundRows(
                        file, replica, replicas, digests.get(replica).hex()))
                .toList();
    }

    void write(WireWriter out) {
        out.putText(file.toString()).putInt(replica).putInt(replicas).putText(sha256);
    }

    static RoundRows read(WireReader in) {
        return new RoundRows(Path.of(in.getText()), in.getInt(), in.getInt(), in.getText());
    }

    /** Whether the file has what was written. */
    boolean isWhole() {
        Sha256 digest = new Sha256();
        try (Steps steps = new Steps(this)) {
            while (steps.hasNext()) {
                digest.add(steps.next());
            }
        } catch (UncheckedIOException e) {
            return false;
        }
        return digest.hex().equals(sha256);
    }

    /** Goes through what is this replica's, which was looked at first. */
    Steps open() {
        RoundFolder.require(isWhole(), file);
        return new Steps(this);
    }

    /** One step after the other. A file that ends too early is an {@link UncheckedIOException}. */
    static final class Steps implements AutoCloseable {
        private final RoundRows rows;
        private final RandomAccessFile in;

        private Steps(RoundRows rows) {
            this.rows = rows;
            try {
                in = new RandomAccessFile(rows.file().toFile(), "r");
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + rows.file(), e);
            }
        }

        private boolean hasNext() {
            try {
                return in.getFilePointer() < in.length();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + rows.file(), e);
            }
        }

        /** What the objective wrote. */
        byte[] next() {
            try {
                byte[] own = {};
                for (int replica = 0; replica < rows.replicas(); replica++) {
                    int length = in.readInt();
                    if (length < 0 || length > in.length() - in.getFilePointer()) {
                        throw new EOFException("it ends too early");
                    }
                    if (replica == rows.replica()) {
                        own = new byte[length];
                        in.readFully(own);
                    } else {
                        in.seek(in.getFilePointer() + length);
                    }
                }
                return own;
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + rows.file(), e);
            }
        }

        @Override
        public void close() {
            try {
                in.close();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + rows.file(), e);
            }
        }
    }
}
