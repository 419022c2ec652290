package io.github.rlhf4j.cli;

import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.cli.terminal.Terminal;
import io.github.rlhf4j.core.Suggestion;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.pipeline.config.RunSchema;
import io.github.rlhf4j.pipeline.config.StageKeys;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code help}: a command's usage, the keys of a stage, or one key. */
@Command(
        name = "help",
        description = "Show the usage of a command, the keys of a stage (help dpo), or what is known of one key (help"
                + " dpo.beta, help beta, help dataset.limit).")
final class HelpCommand implements Callable<Integer> {
    private static final int WIDTH = 110;
    private static final int WIDEST_DEFAULT = 24;

    private final Terminal terminal;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "COMMAND|STAGE|KEY",
            completionCandidates = Candidates.class,
            description = "A command, a type of stage, or a key of run files.")
    private Optional<String> what = Optional.empty();

    /** Commands and types of stages, for completion. */
    static final class Candidates implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            List<String> names = new ArrayList<>(InitCommand.KINDS);
            names.remove("rlhf");
            for (Class<?> command :
                    Rlhf4jCommand.class.getAnnotation(Command.class).subcommands()) {
                names.add(command.getAnnotation(Command.class).name());
            }
            return names.iterator();
        }
    }

    HelpCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        try (Rlhf4j rlhf4j = Engine.open(terminal)) {
            return help(
                    new TreeMap<>(rlhf4j.stages()),
                    () -> new KeyHelp(RunSchema.of(rlhf4j.stages(), rlhf4j.trackers(), rlhf4j.boundNames())));
        }
    }

    private int help(Map<String, Stage<?>> stages, Supplier<KeyHelp> schema) {
        CommandLine root = spec.parent().commandLine();
        if (what.isEmpty()) {
            root.usage(terminal.out());
            terminal.out().println("Types of stages, for ./rlhf4j help TYPE: " + String.join(", ", stages.keySet()));
            terminal.out().println("One key: ./rlhf4j help dpo.beta");
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
            KeyHelp keys = schema.get();
            keys.lines(name)
                    .orElseThrow(() -> unknown(name, root, stages, keys))
                    .forEach(terminal.out()::println);
            return 0;
        }
        command.usage(terminal.out());
        return 0;
    }

    private static UserError unknown(String name, CommandLine root, Map<String, Stage<?>> stages, KeyHelp keys) {
        List<String> available = new ArrayList<>(root.getSubcommands().keySet());
        available.addAll(stages.keySet());
        List<String> known = new ArrayList<>(available);
        known.addAll(keys.names());
        String first = name.contains(".") ? name.substring(0, name.indexOf('.')) : name;
        return new UserError(name + " is neither a command nor a type of stage, nor a key of a run file; available: "
                + String.join(", ", available) + Suggestion.phrase(first, known));
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

    /** The text in lines of at most so many characters. */
    static List<String> wrapped(String text, int width) {
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
