package io.github.rlhf4j.pipeline.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.cluster.LocalBackends;
import java.util.List;
import java.util.Objects;

/** {@code cluster} in the schema of run files; {@link ClusterKeys} reads it. */
final class ClusterSchema {
    private static final String MASTER = "^(" + LocalBackends.MASTERS + ")$";

    private ClusterSchema() {}

    static ObjectNode of() {
        ObjectNode properties = Schemas.any();
        properties.set(ClusterKeys.MASTER, Schemas.ofType("string").put("pattern", MASTER));
        List.of(ClusterConfig.THREADS, ClusterConfig.PIECES, ClusterConfig.WORKER_TIMEOUT, ClusterConfig.START_TIMEOUT)
                .forEach(range -> properties.set(range.key(), whole(range)));
        properties.set("conf", Schemas.mapOf(Schemas.scalar()));
        Schemas.describe(properties, KeyMeanings.ofNested(ClusterKeys.KEY));
        return Schemas.anyOf(
                Schemas.ofType("string").put("pattern", MASTER),
                Schemas.closed(properties, List.of(ClusterKeys.MASTER)),
                Schemas.ofType("null"));
    }

    private static ObjectNode whole(WholeRange range) {
        ObjectNode number =
                Schemas.ofType("integer").put("minimum", range.least()).put("maximum", range.most());
        ConfigValue standard =
                Objects.requireNonNull(ClusterKeys.defaults().entries().get(range.key()));
        number.set("default", ValueReader.json(standard));
        return number;
    }
}
