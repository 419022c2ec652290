package io.github.rlhf4j.cli;

import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.cli.terminal.Terminal;
import io.github.rlhf4j.core.Suggestion;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.pipeline.config.StageKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code help}: a command's usage, or the keys of a stage. */
@Command(name = "help", description = "Show the usage of a command, or the keys of a stage: help dpo.")
final class HelpCommand implements Callable<Integer> {
    private static final int WIDTH = 110;
    private static final int WIDEST_DEFAULT = 24;

    private final Terminal terminal;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "COMMAND|STAGE",
            description = "A command, or a type of stage.")
    private Optional<String> what = Optional.empty();

    HelpCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        try (Rlhf4j rlhf4j = Engine.open(terminal)) {
            return help(new TreeMap<>(rlhf4j.stages()));
        }
    }

    private int help(Map<String, Stage<?>> stages) {
        CommandLine root = spec.parent().commandLine();
        if (what.isEmpty()) {
            root.usage(terminal.out());
            terminal.out().println("Types of stages, for ./rlhf4j help TYPE: " + String.join(", ", stages.keySet()));
            return 0;
        }
        String name = what.get();
        CommandLine command = root.getSubcommands().get(name);
        if (stages.containsKey(name)) {
            lines(StageKeys.of(stages.get(name), name)).forEach(terminal.out()::println);
            if (command == null) {
                return 0;
            }
        }
        if (command == null) {
            List<String> known = new ArrayList<>(root.getSubcommands().keySet());
            known.addAll(stages.keySet());
            throw new UserError(name + " is neither a command nor a type of stage; available: "
                    + String.join(", ", known) + Suggestion.phrase(name, known));
        }
        command.usage(terminal.out());
        return 0;
    }

    /** A key a line: name, default, meaning. */
    private static List<String> lines(StageKeys stage) {
        int names =
                stage.keys().keySet().stream().mapToInt(String::length).max().orElse(0);
        int standings = stage.keys().values().stream()
                .mapToInt(key -> key.standing().length())
                .filter(length -> length <= WIDEST_DEFAULT)
                .max()
                .orElse(0);
        List<String> lines = new ArrayList<>();
        lines.add("Keys of a stage of type " + stage.type()
                + ": name, default (- where absence means something), meaning.");
        lines.add("Every stage has type and seed too. More in docs/config.md and docs/algorithms.");
        lines.add("");
        String format = "%-" + names + "s  %-" + standings + "s  %s";
        stage.keys().forEach((name, key) -> {
            List<String> words = wrapped(key.meaning(), Math.max(40, WIDTH - names - standings - 4));
            lines.add(format.formatted(name, key.standing(), words.get(0)).stripTrailing());
            words.subList(1, words.size()).forEach(more -> lines.add(format.formatted("", "", more)));
        });
        return lines;
    }

    private static List<String> wrapped(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ")) {
            if (line.length() > 0 && line.length() + 1 + word.length() > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.length() == 0 ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}
