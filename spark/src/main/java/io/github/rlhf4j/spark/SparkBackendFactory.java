package io.github.rlhf4j.spark;

import io.github.rlhf4j.core.cluster.Backend;
import io.github.rlhf4j.core.cluster.BackendFactory;
import io.github.rlhf4j.core.cluster.ClusterSettings;
import io.github.rlhf4j.core.cluster.LocalBackends;

/** Opens masters of Spark. */
public final class SparkBackendFactory implements BackendFactory {
    @Override
    public boolean accepts(String master) {
        return LocalBackends.isSpark(master);
    }

    @Override
    public Backend open(ClusterSettings settings) {
        return new SparkBackend(settings);
    }
}
