package io.github.rlhf4j.cli;

import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.cli.terminal.Terminal;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.web.Ui;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ui}: the local page. */
@Command(
        name = "ui",
        description = {
            "Show runs, roll-outs and data on a page of this machine alone, and start runs there.",
            "The address that is printed has a token; without it nobody is answered. Ctrl-C ends the page, and loses nothing."
        },
        sortOptions = false)
final class UiCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "FOLDER",
            description = "The folder below which runs are; runs by default.")
    private Path folder = Path.of("runs");

    @Option(names = "--port", paramLabel = "N", description = "The port of 127.0.0.1; any that is free by default.")
    private int port;

    @Option(names = "--no-open", description = "Print the address alone, and open no browser.")
    private boolean noOpen;

    UiCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new UserError(folder + " is a file; name the folder below which runs are");
        }
        try (Rlhf4j engine = Engine.open(Console.SILENT);
                Ui ui = Ui.start(UiPrograms.setting(folder, port), engine)) {
            terminal.result(ui.address());
            terminal.requireWritten();
            terminal.line("Ctrl-C ends the page; runs go on.");
            if (!noOpen) {
                Browser.open(ui.address());
            }
            Thread.currentThread().join(); // until a signal ends the process
        }
        return 0;
    }
}
