package io.github.rlhf4j.pipeline.config;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.cluster.ClusterSettings;
import io.github.rlhf4j.core.cluster.LocalBackends;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Where a run's pure work is done: the run's key {@code cluster}. Results do not depend on it, so it is no part of what stages are compared by, and may be another at each {@code --resume}.
 *
 * @param master threads:N, processes:N, or a master of Spark
 * @param threads of each worker, >= 1
 * @param pieces that a step's requests of texts are cut into; 0: two for each worker that is there
 * @param workerTimeout seconds after which a worker that says nothing is lost, >= 5
 * @param startTimeout seconds within which workers must be there, >= 1
 * @param conf settings of Spark's by its own names
 */
public record ClusterConfig(
        String master, int threads, int pieces, int workerTimeout, int startTimeout, Map<String, String> conf) {
    static final WholeRange THREADS = new WholeRange("threads", 1, 1024);
    static final WholeRange PIECES = new WholeRange("pieces", 0, 100_000);
    static final WholeRange WORKER_TIMEOUT = new WholeRange("worker_timeout", 5, 86_400);
    static final WholeRange START_TIMEOUT = new WholeRange("start_timeout", 1, 86_400);

    public ClusterConfig {
        checkConfig(
                LocalBackends.isMaster(master),
                "master",
                master,
                "must be threads:N, processes:N, or a master of Spark: local[N], local-cluster[N,CORES,MiB], spark://HOST:PORT, k8s://https://HOST:PORT or yarn");
        THREADS.check(threads);
        PIECES.check(pieces);
        WORKER_TIMEOUT.check(workerTimeout);
        START_TIMEOUT.check(startTimeout);
        checkConfig(
                conf.isEmpty() || LocalBackends.isSpark(master),
                "conf",
                conf,
                "must be left out: it holds settings of Spark, and master is " + master);
        for (String key : conf.keySet()) {
            checkConfig(
                    key.startsWith("spark.") && !key.equals("spark.master"),
                    "conf",
                    conf,
                    "must hold settings of Spark, whose names begin with spark., but has " + key
                            + (key.equals("spark.master") ? ": the master is cluster.master" : ""));
        }
        conf = Map.copyOf(conf);
    }

    /**
     * What a backend is opened with.
     *
     * @param processors of this machine, whose bytes are computed
     * @param warn told what the person who watches should know
     */
    public ClusterSettings settings(int processors, Consumer<String> warn) {
        return new ClusterSettings(master, threads, processors, workerTimeout, startTimeout, conf, warn);
    }
}
