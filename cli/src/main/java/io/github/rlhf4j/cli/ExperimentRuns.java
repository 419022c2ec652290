package io.github.rlhf4j.cli;

import io.github.rlhf4j.cli.terminal.StopSignals;
import io.github.rlhf4j.cli.terminal.Terminal;
import io.github.rlhf4j.cli.terminal.UnfinishedRun;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.StoppedException;
import io.github.rlhf4j.experiment.Experiment;
import io.github.rlhf4j.experiment.ExperimentResults;
import io.github.rlhf4j.pipeline.config.RunDraft;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The runs of a run file that has a section {@code experiment}, for the commands that make them. */
final class ExperimentRuns {
    private final Terminal terminal;
    private final KernelOptions arithmetic;

    ExperimentRuns(Terminal terminal, KernelOptions arithmetic) {
        this.terminal = terminal;
        this.arithmetic = arithmetic;
    }

    /** Whether a run file is one, with what the command line says over it. */
    static boolean isOne(Path file, List<String> values) {
        RunDraft draft = RunDraft.read(file);
        values.forEach(draft::lay);
        return draft.takeExperiment().isPresent();
    }

    /** What to do with them. */
    record Options(int jobs, Optional<String> cluster, boolean resume, boolean overwrite, boolean dryRun) {
        Options {
            if (jobs < 1) {
                throw new UserError("--jobs must be >= 1, but is " + jobs);
            }
        }
    }

    /**
     * Makes them.
     *
     * @return the exit code: 1 where a run has failed
     */
    int run(Path file, List<String> values, Options options) {
        Experiment experiment = Experiment.of(
                        (threads, console) -> arithmetic.engine(console, threads), file, values.toArray(String[]::new))
                .console(terminal)
                .jobs(options.jobs());
        options.cluster().ifPresent(experiment::cluster);
        if (options.resume()) {
            experiment.resume();
        }
        if (options.overwrite()) {
            experiment.overwrite();
        }
        if (options.dryRun()) {
            experiment.check();
            return 0;
        }
        StopSignals signals = new StopSignals(terminal, Main::end);
        try (UnfinishedRun unfinished = new UnfinishedRun(terminal)) {
            experiment.stopOn(signals).onStart(() -> {
                unfinished.begin();
                signals.take();
            });
            return told(experiment.run());
        } catch (StoppedException e) {
            terminal.error(String.valueOf(e.getMessage()));
            return signals.code();
        }
    }

    private int told(ExperimentResults results) {
        results.lines().forEach(terminal::line);
        if (results.failures().isEmpty()) {
            return 0;
        }
        terminal.error(results.failures().size() + " of " + results.runs().size()
                + " runs have failed; when the reason is gone, make them by --resume:");
        results.failures()
                .forEach(run -> terminal.line(
                        "  " + run.values().label() + ": " + run.failure().orElse("")));
        return 1;
    }
}
