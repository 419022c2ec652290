package io.github.rlhf4j.core.cluster;

import java.util.Map;
import java.util.function.Consumer;

/**
 * What a backend is opened with.
 *
 * @param master where: {@code threads:2}, {@code processes:2}, or a master of Spark
 * @param threads of each worker, >= 1; results do not depend on it
 * @param processors of the machine whose bytes are computed: the driver's
 * @param silentSeconds after which a worker that says nothing is taken for lost
 * @param startSeconds within which workers must be there
 * @param conf settings of the engine's own, by its names
 * @param warn told what the person who watches should know
 */
public record ClusterSettings(
        String master,
        int threads,
        int processors,
        int silentSeconds,
        int startSeconds,
        Map<String, String> conf,
        Consumer<String> warn) {
    public ClusterSettings {
        conf = Map.copyOf(conf);
    }

    /** The same of another master. */
    public ClusterSettings withMaster(String other) {
        return new ClusterSettings(other, threads, processors, silentSeconds, startSeconds, conf, warn);
    }
}
