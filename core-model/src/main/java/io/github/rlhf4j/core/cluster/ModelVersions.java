package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;

/** Versions of models as bytes. */
final class ModelVersions {
    private ModelVersions() {}

    static void write(ModelVersion version, WireWriter out) {
        out.putText(version.model()).putLong(version.version());
    }

    static ModelVersion read(WireReader in) {
        return new ModelVersion(in.getText(), in.getLong());
    }
}
