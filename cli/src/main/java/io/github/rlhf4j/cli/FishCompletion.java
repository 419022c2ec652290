package io.github.rlhf4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The completion of a command line for the shell fish, which picocli does not write. */
final class FishCompletion {
    private static final String FUNCTIONS = """
            # Completion of %1$s for fish: %1$s completion fish | source
            function __%1$s_words
                for word in (commandline -opc)[2..]
                    string match -q -- '-*' $word; or echo $word
                end
            end
            function __%1$s_exactly
                set -l given (string join ' ' -- (__%1$s_words))
                set -l wanted (string join ' ' -- $argv)
                test "$given" = "$wanted"
            end
            function __%1$s_within
                set -l given (__%1$s_words)
                test (count $given) -ge (count $argv); or return 1
                set -l begin (string join ' ' -- $given[1..(count $argv)])
                set -l wanted (string join ' ' -- $argv)
                test "$begin" = "$wanted"
            end
            """;

    private final String program;
    private final List<String> lines = new ArrayList<>();

    private FishCompletion(String program) {
        this.program = program;
    }

    /** The script. */
    static String script(String program, CommandLine root) {
        FishCompletion completion = new FishCompletion(program);
        completion.add(root, "");
        return FUNCTIONS.formatted(program) + String.join("\n", completion.lines) + "\n";
    }

    /** @param path the commands so far, such as {@code " new run"} */
    private void add(CommandLine command, String path) {
        command.getSubcommands().forEach((name, sub) -> {
            line(
                    "exactly",
                    path,
                    "-f -a " + name,
                    first(sub.getCommandSpec().usageMessage().description()));
            add(sub, path + " " + name);
        });
        CommandSpec spec = command.getCommandSpec();
        for (OptionSpec option : spec.options()) {
            if (!option.hidden()) {
                line(
                        path.isEmpty() ? "exactly" : "within",
                        path,
                        names(option) + value(option),
                        first(option.description()));
            }
        }
        for (PositionalParamSpec parameter : spec.positionalParameters()) {
            if (parameter.index().isRelative() || parameter.index().min() > 0) {
                continue;
            }
            candidates(parameter)
                    .ifPresent(
                            words -> line("exactly", path, "-f -a " + quoted(words), first(parameter.description())));
        }
    }

    private void line(String condition, String path, String what, String description) {
        lines.add("complete -c " + program + " -n '__" + program + "_" + condition + path + "' " + what
                + (description.isEmpty() ? "" : " -d " + quoted(description)));
    }

    private static String names(OptionSpec option) {
        List<String> names = new ArrayList<>();
        for (String name : option.names()) {
            names.add(name.startsWith("--") ? "-l " + name.substring(2) : "-s " + name.substring(1));
        }
        return String.join(" ", names);
    }

    /** What follows an option: nothing, one of some words, a file, or anything. */
    private static String value(OptionSpec option) {
        if (option.arity().max() == 0) {
            return " -f";
        }
        Optional<String> words = candidates(option);
        if (words.isPresent()) {
            return " -x -a " + quoted(words.get());
        }
        boolean isFile = option.typeInfo().getType() == Path.class
                || option.auxiliaryTypes().length > 0 && option.auxiliaryTypes()[0] == Path.class;
        return isFile ? " -r -F" : " -x";
    }

    private static Optional<String> candidates(ArgSpec argument) {
        Iterable<String> candidates = argument.completionCandidates();
        if (candidates == null) {
            return Optional.empty();
        }
        String words = String.join(
                " ", StreamSupport.stream(candidates.spliterator(), false).toList());
        return words.isEmpty() ? Optional.empty() : Optional.of(words);
    }

    private static String first(String[] lines) {
        return lines.length == 0 ? "" : lines[0];
    }

    private static String quoted(String text) {
        String plain = text.replace('\n', ' ').replace("%n", " ").strip();
        return "'" + plain.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
