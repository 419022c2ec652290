package io.github.rlhf4j.cli;

import io.github.rlhf4j.cli.terminal.Terminal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code experiment}: the runs of a run file's section {@code experiment}. */
@Command(
        name = "experiment",
        description = "Make the runs of a run file's section experiment, and compare what comes out.",
        sortOptions = false,
        footer = {
            "",
            "Keys of the section experiment:",
            "  grid      {key: [values]}: every combination. A key is stage.key, or the run's seed.",
            "  list      [{key: value, ...}]: settings, one of which each run has.",
            "  each      {key: [values], key: [values]}: values that belong together, the first with the first.",
            "  metrics   [names]: stage.metric, as dpo.eval_loss; of an evaluation stage.model.metric, as evaluate.ppo.reward.",
            "  baseline  {key: value}: the group that the others are compared with; by default the first.",
            "  scatter   {title: {x: metric, y: metric}}: pictures of one metric over another; lists are series.",
            "  budget    {runs: N, hours: H}: at most so many runs; none begins when so many hours are used up.",
            "grid, list and each are combined. Runs that differ in seeds alone are one group, of which means are shown.",
            "More in docs/experiments.md."
        })
final class ExperimentCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(index = "0", paramLabel = "CONFIG.yaml", description = "The run file.")
    private Path file = Path.of("");

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "stage.key=value",
            description = "Values over the run file's, for all runs.")
    private List<String> values = new ArrayList<>();

    @Option(names = "--jobs", paramLabel = "N", description = "Make N runs at a time, with the threads divided.")
    private int jobs = 1;

    @Option(
            names = "--cluster",
            paramLabel = "MASTER",
            description = "Where runs are made, each by a worker: processes:N, or a master of Spark.")
    private Optional<String> cluster = Optional.empty();

    @Option(names = "--resume", description = "Continue an interrupted experiment, and make failed runs again.")
    private boolean resume;

    @Option(names = "--overwrite", description = "Replace an experiment of the same name.")
    private boolean overwrite;

    @Mixin
    private KernelOptions arithmetic = new KernelOptions();

    @Option(names = "--dry-run", description = "Check all runs and print the plan, but run nothing.")
    private boolean dryRun;

    ExperimentCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        return new ExperimentRuns(terminal, arithmetic)
                .run(file, values, new ExperimentRuns.Options(jobs, cluster, resume, overwrite, dryRun));
    }
}
