package io.github.rlhf4j.cli;

import io.github.rlhf4j.cli.terminal.Debug;
import io.github.rlhf4j.cli.terminal.FailureReport;
import io.github.rlhf4j.cli.terminal.StandardError;
import io.github.rlhf4j.cli.terminal.Terminal;
import io.github.rlhf4j.core.Suggestion;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.SelfCheckFailure;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/**
 * The program. Exit codes: 0; 1 a failure of ours or of the machine; 2 a mistake in what was given; 3 a self-check failed; 130 and 143 when a signal stops it.
 */
public final class Main {
    private Main() {}

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        StandardError.restore();
        end(run(arguments, System.out, System.err));
    }

    /** Ends the process, also where a signal asks for it. */
    static void end(int code) {
        System.out.flush();
        System.err.flush();
        System.exit(code);
    }

    /**
     * Runs one command.
     *
     * @param out what was asked for
     * @param err messages
     * @return the exit code
     */
    static int run(String[] arguments, PrintStream out, PrintStream err) {
        Terminal terminal = new Terminal(out, err);
        CommandLine commandLine = new CommandLine(new Rlhf4jCommand(), new CommandFactory(terminal))
                .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, command, parsed) -> failed(failure, terminal, command));
        addHelp(commandLine);
        commandLine.setParameterExceptionHandler((failure, given) -> {
            terminal.error(failure.getMessage() + suggestion(failure) + "; see ./rlhf4j "
                    + commandPath(failure.getCommandLine()) + "--help");
            return 2;
        });
        try {
            if (arguments.length == 0) {
                commandLine.usage(err);
                return 2;
            }
            return commandLine.execute(arguments);
        } catch (Error e) { // picocli hands on exceptions, not errors
            return failed(e, terminal, commandLine);
        }
    }

    /** Every command, and every command of a command, has --help. */
    private static void addHelp(CommandLine commands) {
        commands.getSubcommands().values().forEach(command -> {
            command.getCommandSpec().mixinStandardHelpOptions(true);
            addHelp(command);
        });
    }

    /** Of a mistyped command or option. */
    private static String suggestion(CommandLine.ParameterException failure) {
        if (!(failure instanceof CommandLine.UnmatchedArgumentException unmatched)) {
            return "";
        }
        CommandLine command = failure.getCommandLine();
        List<String> known = new ArrayList<>(command.getSubcommands().keySet());
        command.getCommandSpec().options().forEach(option -> known.addAll(List.of(option.names())));
        String given = unmatched.getUnmatched().get(0).split("=", 2)[0];
        return Suggestion.phrase(given, known);
    }

    private static String commandPath(CommandLine command) {
        return command.getParent() == null ? "" : commandPath(command.getParent()) + command.getCommandName() + " ";
    }

    private static int failed(Throwable failure, Terminal terminal, CommandLine command) {
        boolean debug = Debug.isOn();
        if (failure instanceof UserError || failure instanceof SelfCheckFailure) {
            terminal.error(String.valueOf(failure.getMessage()));
            if (debug) {
                failure.printStackTrace(terminal.err());
            }
            return failure instanceof UserError ? 2 : 3;
        }
        if (failure instanceof InvalidPathException path) {
            terminal.error("\"" + path.getInput().replaceAll("\\p{Cntrl}", "?") + "\" is not a valid path: "
                    + path.getReason());
            return 2;
        }
        terminal.error(FailureReport.line(failure, command.getCommandName(), debug));
        if (debug) {
            failure.printStackTrace(terminal.err());
        }
        return 1;
    }
}
