package io.github.rlhf4j.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code new}: something to begin with. */
@Command(
        name = "new",
        description = "Make something to begin with: a run file, or a project for an extension.",
        synopsisSubcommandLabel = "(run | plugin)",
        subcommands = {NewRunCommand.class, NewPluginCommand.class})
final class NewCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        throw new CommandLine.ParameterException(
                spec.commandLine(), "Missing what to make: new run KIND, or new plugin DIR");
    }
}
