package io.github.rlhf4j;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.cluster.Backend;
import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.cluster.DistributedCluster;
import io.github.rlhf4j.core.cluster.LocalBackends;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.pipeline.config.ClusterConfig;

/** The workers of a run, which all its stages use, one after the other. */
final class RunCluster implements AutoCloseable {
    private final Backend backend;
    private final int pieces;
    private final Console console;

    private RunCluster(Backend backend, int pieces, Console console) {
        this.backend = backend;
        this.pieces = pieces;
        this.console = console;
    }

    /**
     * Starts them.
     *
     * @throws UserError in a line, where they do not come or compute other bytes
     */
    static RunCluster open(ClusterConfig config, Kernels kernels, Console console) {
        if (!(kernels instanceof CpuKernels)) {
            throw new UserError(
                    "cluster: workers compute with the kernels cpu, so the driver must too: leave out --kernels");
        }
        Backend backend = LocalBackends.open(config.settings(kernels.singles().size(), console::warning));
        console.line("cluster: " + config.master() + ", " + backend.description());
        return new RunCluster(backend, config.pieces(), console);
    }

    /** For one stage, which closes it. */
    Cluster forStage(Kernels kernels) {
        return new DistributedCluster(
                kernels, backend, pieces, false, cost -> console.line("cluster: " + cost.inALine()));
    }

    @Override
    public void close() {
        backend.close();
    }
}
