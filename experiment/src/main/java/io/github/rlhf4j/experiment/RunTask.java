package io.github.rlhf4j.experiment;

import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.core.cluster.Task;
import io.github.rlhf4j.core.cluster.Worker;
import io.github.rlhf4j.core.kernels.KernelsBinder;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.core.stage.Progress;
import io.github.rlhf4j.core.stage.StoppedException;
import java.util.ArrayList;
import java.util.List;

/** Makes a run of an experiment, or continues it, with an engine of its own. What it makes is in the run's folder, and depends on the order alone. */
record RunTask() implements Task<RunOrder, RunTask.Outcome> {
    private static final String KERNELS = "as the driver's";

    /**
     * How a run ended that did not fail.
     *
     * @param isStopped whether it was asked to stop, rather than complete
     * @param lines what it said that concerns whoever watches
     */
    record Outcome(boolean isStopped, List<String> lines) {}

    @Override
    public Outcome run(RunOrder order, Worker worker) {
        Lines said = new Lines(new ArrayList<>());
        RunConsole console = new RunConsole(said, false);
        console.begin(order.label());
        try (Rlhf4j engine = engine(order, console)) {
            new Planner(engine, order.file(), order.arguments())
                    .builder(engine, order.setting(), order.folder())
                    .withoutCluster()
                    .resume()
                    .run();
            return new Outcome(false, said.lines());
        } catch (StoppedException e) {
            return new Outcome(true, said.lines());
        }
    }

    private static Rlhf4j engine(RunOrder order, Console console) {
        return Rlhf4j.builder()
                .classPathModules()
                .modules(binder -> KernelsBinder.kernelsBinder(binder)
                        .bind(KERNELS, threads -> new CpuKernels(threads, order.processors())))
                .kernels(KERNELS)
                .threads(order.threads())
                .console(console)
                .build();
    }

    /** Keeps lines and warnings. */
    private record Lines(List<String> lines) implements Console {
        @Override
        public synchronized void line(String line) {
            lines.add(line);
        }

        @Override
        public synchronized void warning(String line) {
            lines.add("  warning: " + line);
        }

        @Override
        public Progress progress(String what, long total, String unit) {
            return Progress.NONE;
        }
    }
}
