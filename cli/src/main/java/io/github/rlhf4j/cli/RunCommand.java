package io.github.rlhf4j.cli;

import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.RunBuilder;
import io.github.rlhf4j.RunListener;
import io.github.rlhf4j.cli.terminal.StopSignals;
import io.github.rlhf4j.cli.terminal.Terminal;
import io.github.rlhf4j.cli.terminal.UnfinishedRun;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.StoppedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code run}: the stages of a run file. */
@Command(name = "run", description = "Run the stages of a run file, one after the other.", sortOptions = false)
final class RunCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(index = "0", paramLabel = "CONFIG.yaml", description = "The run file.")
    private Path file = Path.of("");

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "stage.key=value",
            description =
                    "Values over the run file's: stage.key=value, or key=value for name, seed, output_dir, model and"
                            + " dataset.")
    private List<String> values = new ArrayList<>();

    @Option(names = "--from", paramLabel = "STAGE", description = "Run from this stage on, reusing the earlier ones.")
    private Optional<String> from = Optional.empty();

    @Option(names = "--only", paramLabel = "STAGE", description = "Run this stage alone, reusing those it reads.")
    private Optional<String> only = Optional.empty();

    @Option(names = "--resume", description = "Continue an interrupted run.")
    private boolean resume;

    @Option(names = "--overwrite", description = "Replace a run of the same name.")
    private boolean overwrite;

    @Option(
            names = "--jobs",
            paramLabel = "N",
            description = "Of a run file with a section experiment: make N runs at a time, with the threads divided.")
    private int jobs = 1;

    @Mixin
    private KernelOptions arithmetic = new KernelOptions();

    @Option(
            names = "--cluster",
            paramLabel = "MASTER",
            description =
                    "Do roll-outs and scores there: threads:N, processes:N, or a master of Spark, such as local[2] or"
                            + " spark://host:7077. Results do not depend on it.")
    private Optional<String> cluster = Optional.empty();

    @Option(
            names = "--dry-run",
            description = "Check everything and print the effective configuration, but run nothing.")
    private boolean dryRun;

    @Option(
            names = "--ui",
            description = "Show the run on a page while it runs; the address is printed. ./rlhf4j ui shows it later.")
    private boolean ui;

    RunCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        if (ExperimentRuns.isOne(file, values)) {
            return experiment();
        }
        if (jobs != 1) {
            throw new UserError("--jobs is for run files with a section experiment, and " + file + " has none");
        }
        terminal.keepLog();
        StopSignals signals = new StopSignals(terminal, Main::end);
        try (UnfinishedRun unfinished = new UnfinishedRun(terminal);
                RunUi page = new RunUi(terminal);
                Rlhf4j rlhf4j = arithmetic.engine(terminal)) {
            RunBuilder run = run(rlhf4j);
            if (dryRun) {
                run.memory().forEach(terminal::line);
                return 0;
            }
            run.stopOn(signals)
                    .listen(new RunListener() {
                        @Override
                        public void onStart(Path folder) {
                            unfinished.begin();
                            signals.take();
                            if (ui) {
                                page.show(folder);
                            }
                        }
                    })
                    .run();
        } catch (StoppedException e) {
            terminal.error(String.valueOf(e.getMessage()));
            return signals.code();
        }
        return 0;
    }

    private int experiment() {
        if (ui) {
            throw new UserError("--ui is for one run, and " + file + " has a section experiment; run ./rlhf4j ui beside"
                    + " it, which shows all of them");
        }
        if (from.isPresent() || only.isPresent()) {
            throw new UserError("--from and --only are for one run, and " + file + " has a section experiment, which is"
                    + " many; its runs share what they need alike, and --resume makes what is missing");
        }
        return new ExperimentRuns(terminal, arithmetic)
                .run(file, values, new ExperimentRuns.Options(jobs, cluster, resume, overwrite, dryRun));
    }

    private RunBuilder run(Rlhf4j rlhf4j) {
        RunBuilder run = rlhf4j.runFile(file, values.toArray(String[]::new));
        from.ifPresent(run::from);
        only.ifPresent(run::only);
        cluster.ifPresent(run::cluster);
        if (resume) {
            run.resume();
        }
        if (overwrite) {
            run.overwrite();
        }
        return run;
    }
}
