package io.github.rlhf4j.cli;

import io.github.rlhf4j.cli.terminal.Terminal;
import io.github.rlhf4j.core.Suggestion;
import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code init}: a run file to begin with. */
@Command(name = "init", description = "Print a run file to begin with, or write it to a new file.")
final class InitCommand implements Callable<Integer> {
    /** What there is. */
    static final List<String> KINDS = List.of(
            "pretrain",
            "sft",
            "reward",
            "process_reward",
            "dpo",
            "kto",
            "ppo",
            "grpo",
            "rloo",
            "online_dpo",
            "best_of_n",
            "distill",
            "filter",
            "revise",
            "judge",
            "evaluate",
            "rlhf");

    private final Terminal terminal;

    @Parameters(
            index = "0",
            paramLabel = "KIND",
            completionCandidates = Kinds.class,
            description = "${COMPLETION-CANDIDATES}. rlhf is the whole chain.")
    private String kind = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "FILE", description = "Where to write it; it must not exist.")
    private Optional<Path> file = Optional.empty();

    InitCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /** The kinds, for completion. */
    static final class Kinds implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return KINDS.iterator();
        }
    }

    @Override
    public Integer call() {
        return write(terminal, kind, file);
    }

    /** Prints the run file of that kind, or writes it to a new file. */
    static int write(Terminal terminal, String kind, Optional<Path> file) {
        if (!KINDS.contains(kind)) {
            throw new UserError("KIND must be one of " + String.join(", ", KINDS) + ", but is " + kind
                    + Suggestion.phrase(kind, KINDS));
        }
        String text = text(kind);
        if (file.isEmpty()) {
            terminal.out().print(text);
            return 0;
        }
        try {
            Files.writeString(file.get(), text, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (FileAlreadyExistsException e) {
            throw new UserError(file.get() + " already exists; name a new file", e);
        } catch (IOException e) {
            throw new UserError("cannot write " + file.get() + ": " + e.getMessage(), e);
        }
        terminal.line("wrote " + file.get() + "; check it with: ./rlhf4j run " + file.get()
                + " --dry-run model=... dataset=...");
        return 0;
    }

    static String text(String kind) {
        return Templates.text("init/" + kind + ".yaml");
    }
}
