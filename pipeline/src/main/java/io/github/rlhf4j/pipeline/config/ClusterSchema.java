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
        properties.set("threads", whole("threads", 1, 1024));
        properties.set("pieces", whole("pieces", 0, 100_000));
        properties.set("worker_timeout", whole("worker_timeout", 5, 86_400));
        properties.set("start_timeout", whole("start_timeout", 1, 86_400));
        properties.set("conf", Schemas.mapOf(Schemas.scalar()));
        Schemas.describe(properties, KeyMeanings.ofNested(ClusterKeys.KEY));
        return Schemas.anyOf(
                Schemas.ofType("string").put("pattern", MASTER),
                Schemas.closed(properties, List.of(ClusterKeys.MASTER)),
                Schemas.ofType("null"));
    }

    private static ObjectNode whole(String key, int least, int most) {
        ObjectNode number = Schemas.ofType("integer").put("minimum", least).put("maximum", most);
        ConfigValue standard =
                Objects.requireNonNull(ClusterKeys.defaults().entries().get(key));
        return number.set("default", ValueReader.json(standard));
    }
}
