package io.github.rlhf4j.pipeline.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** {@code cluster} in the schema of run files; {@link ClusterKeys} reads it. */
final class ClusterSchema {
    private static final String MASTER =
            "^((threads|processes):[1-9][0-9]{0,3}|local(\\[[0-9*]+(,[0-9]+)?\\])?|local-cluster\\[[0-9, ]+\\]|spark://.+|k8s://.+|yarn)$";

    private ClusterSchema() {}

    static ObjectNode of() {
        ObjectNode properties = Schemas.any();
        properties.set(ClusterKeys.MASTER, Schemas.ofType("string").put("pattern", MASTER));
        properties.set("threads", whole(1, 1024, 1));
        properties.set("pieces", whole(0, 100_000, 0));
        properties.set("worker_timeout", whole(5, 86_400, 60));
        properties.set("start_timeout", whole(1, 86_400, 120));
        properties.set("conf", Schemas.mapOf(Schemas.scalar()));
        Schemas.describe(properties, KeyMeanings.ofNested(ClusterKeys.KEY));
        return Schemas.anyOf(
                Schemas.ofType("string").put("pattern", MASTER),
                Schemas.closed(properties, List.of(ClusterKeys.MASTER)),
                Schemas.ofType("null"));
    }

    private static ObjectNode whole(int least, int most, int standard) {
        return Schemas.ofType("integer")
                .put("minimum", least)
                .put("maximum", most)
                .put("default", standard);
    }
}
