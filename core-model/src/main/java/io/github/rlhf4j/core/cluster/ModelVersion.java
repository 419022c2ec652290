package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.io.Serializable;

/**
 * The weights of a shared model at one time.
 *
 * @param model its name
 * @param version from 0, one more after each change
 */
public record ModelVersion(String model, long version) implements Serializable {
    /** Writes it. */
    public void write(WireWriter out) {
        out.putText(model).putLong(version);
    }

    /** Reads what {@link #write} wrote. */
    public static ModelVersion read(WireReader in) {
        return new ModelVersion(in.getText(), in.getLong());
    }
}
