package io.github.rlhf4j.cli;

import io.github.rlhf4j.cli.terminal.Terminal;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code completion}: a script that completes commands and options. */
@Command(
        name = "completion",
        description = "Print a script that completes commands and options: source <(./rlhf4j completion), bash or zsh.")
final class CompletionCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    CompletionCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        terminal.out().print(AutoComplete.bash("rlhf4j", spec.root().commandLine()));
        return 0;
    }
}
