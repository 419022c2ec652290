package io.github.rlhf4j.cli;

import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.cli.terminal.Terminal;
import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.web.Ui;
import java.nio.file.Path;
import java.util.Optional;

/** The page beside a run, in the run's process: it ends with the run. */
final class RunUi implements AutoCloseable {
    private final Terminal terminal;
    private Optional<Rlhf4j> engine = Optional.empty();
    private Optional<Ui> page = Optional.empty();

    RunUi(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Shows the run's folder and those beside it. */
    void show(Path run) {
        Path folder = Optional.ofNullable(run.toAbsolutePath().normalize().getParent())
                .orElse(run);
        Rlhf4j own = Engine.open(Console.SILENT);
        engine = Optional.of(own);
        Ui ui = Ui.start(UiPrograms.setting(folder, 0), own);
        page = Optional.of(ui);
        terminal.line("page: " + ui.address());
    }

    @Override
    public void close() {
        page.ifPresent(Ui::close);
        engine.ifPresent(Rlhf4j::close);
    }
}
