package io.github.rlhf4j.core.parallel;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Where a replica's optimiser is between rounds.
 *
 * @param file its moments, and what its differences have lost
 * @param sha256 of that file
 * @param updates made so far
 */
record ReplicaState(Path file, String sha256, long updates) {
    void write(DataOutput out) throws IOException {
        out.writeUTF(file.toString());
        out.writeUTF(sha256);
        out.writeLong(updates);
    }

    static ReplicaState read(DataInput in) throws IOException {
        return new ReplicaState(Path.of(in.readUTF()), in.readUTF(), in.readLong());
    }
}
