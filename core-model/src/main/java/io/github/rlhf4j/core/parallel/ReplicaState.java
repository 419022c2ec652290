package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.nio.file.Path;

/**
 * Where a replica's optimiser is between rounds.
 *
 * @param file its moments, and what its differences have lost
 * @param sha256 of that file
 * @param updates made so far
 */
record ReplicaState(Path file, String sha256, long updates) {
    void write(WireWriter out) {
        out.putText(file.toString()).putText(sha256).putLong(updates);
    }

    static ReplicaState read(WireReader in) {
        return new ReplicaState(Path.of(in.getText()), in.getText(), in.getLong());
    }
}
