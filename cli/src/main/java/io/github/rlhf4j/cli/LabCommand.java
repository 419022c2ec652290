package io.github.rlhf4j.cli;

import io.github.rlhf4j.cli.lab.Lab;
import io.github.rlhf4j.cli.lab.LabRequest;
import io.github.rlhf4j.cli.terminal.StopSignals;
import io.github.rlhf4j.cli.terminal.Terminal;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.StoppedException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lab}: the experiments of the course. */
@Command(
        name = "lab",
        description = "Run an experiment of the course on foundation models: docs/lab has a page for each.",
        sortOptions = false)
final class LabCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "PAGE",
            description = "A page of --list, or a folder with a page.yaml of your own.")
    private Optional<String> page = Optional.empty();

    @Option(names = "--list", description = "Print the names of the pages, one a line.")
    private boolean list;

    @Option(names = "--quick", description = "At most a minute; the default.")
    private boolean quick;

    @Option(
            names = "--full",
            description = "What the page reports, with at least three seeds; meant for half an hour on two cores.")
    private boolean full;

    @Option(names = "--seeds", paramLabel = "N", description = "Runs of each group, with seeds 1 to N.")
    private Optional<Integer> seeds = Optional.empty();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "The folder of the results; by default runs/lab/PAGE-quick or -full.")
    private Optional<Path> out = Optional.empty();

    @Option(
            names = "--resume",
            description = "Continue a page that was interrupted, or to which cases or seeds were added.")
    private boolean resume;

    @Option(names = "--overwrite", description = "Replace the results that are in the folder.")
    private boolean overwrite;

    @Option(
            names = "--dry-run",
            description = "Check the page and print its runs, their time and memory; make nothing.")
    private boolean dryRun;

    @Option(
            names = "--cluster",
            paramLabel = "MASTER",
            description = "Where the page's runs are made, each by a worker: processes:N, or a master of Spark.")
    private Optional<String> cluster = Optional.empty();

    @Mixin
    private KernelOptions arithmetic = new KernelOptions();

    LabCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Lab lab = ServiceLoader.load(Lab.class)
                .findFirst()
                .orElseThrow(
                        () -> new UserError(
                                "the lab is no part of this archive: run ./rlhf4j lab in a clone of the source, which builds it"));
        if (list) {
            lab.pages().forEach(terminal::result);
            return 0;
        }
        if (page.isEmpty()) {
            throw new UserError(
                    "name a page: one of " + String.join(", ", lab.pages()) + ", or a folder with a page.yaml");
        }
        if (quick && full) {
            throw new UserError("--quick and --full exclude each other");
        }
        if (resume && overwrite) {
            throw new UserError("--resume and --overwrite exclude each other");
        }
        if (seeds.isPresent() && (seeds.get() < 1 || seeds.get() > 1_000)) {
            throw new UserError("--seeds must be in 1..1000, but is " + seeds.get());
        }
        StopSignals signals = new StopSignals(terminal, Main::end);
        try {
            signals.take();
            lab.run(
                    new LabRequest(
                            page.get(),
                            full,
                            seeds.orElse(0),
                            out,
                            resume,
                            overwrite,
                            dryRun,
                            cluster,
                            arithmetic::engine),
                    terminal,
                    signals);
            return 0;
        } catch (StoppedException e) {
            terminal.error("stopped; continue with --resume");
            return signals.code();
        }
    }
}
