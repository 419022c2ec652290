package io.github.rlhf4j.cli;

import io.github.rlhf4j.cli.terminal.Terminal;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code completion}: a script that completes commands, options and their values. */
@Command(
        name = "completion",
        description = {
            "Print a script that completes commands, options and their values.",
            "bash, zsh: source <(./rlhf4j completion bash). fish: ./rlhf4j completion fish | source"
        })
final class CompletionCommand implements Callable<Integer> {
    private static final String PROGRAM = "rlhf4j";

    /** What it can be for. */
    enum Shell {
        BASH,
        ZSH,
        FISH;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Terminal terminal;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "SHELL",
            defaultValue = "bash",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Shell shell = Shell.BASH;

    CompletionCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        CommandLine root = spec.root().commandLine();
        terminal.out()
                .print(
                        shell == Shell.FISH
                                ? FishCompletion.script(PROGRAM, root)
                                : AutoComplete.bash(PROGRAM, root)); // which makes zsh understand bash's
        return 0;
    }
}
