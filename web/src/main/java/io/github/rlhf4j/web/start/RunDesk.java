package io.github.rlhf4j.web.start;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.pipeline.run.RunPlan;
import io.github.rlhf4j.web.Json;
import io.github.rlhf4j.web.commands.ProgramCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/** Texts of run files: checked as {@code run --dry-run} checks them, kept and started. Models and data are looked at, nothing is run here. */
final class RunDesk {
    private static final String NAME = "[A-Za-z0-9_-][A-Za-z0-9_.-]*";

    private final Rlhf4j engine;
    private final Path root;
    private final RunStarter starter;

    /** @param root where runs go that do not say where */
    RunDesk(Rlhf4j engine, Path root, RunStarter starter) {
        this.engine = engine;
        this.root = root;
        this.starter = starter;
    }

    /** What is wrong with a text; where nothing is, its name, stages, effective configuration and what it takes of memory. */
    synchronized ObjectNode check(String yaml) {
        ObjectNode answer = Json.object();
        ArrayNode problems = answer.putArray("problems");
        try {
            RunPlan plan = plan(yaml);
            answer.put("name", plan.runFile().name());
            answer.put("folder", plan.runFile().directory().toString());
            answer.put("exists", Files.exists(plan.runFile().directory().resolve(".rlhf4j")));
            answer.set("memory", Json.texts(plan.memory()));
            answer.set("warnings", Json.texts(plan.warnings()));
            answer.set("table", Json.texts(plan.table()));
            answer.set("stages", Json.texts(plan.configs().keySet()));
        } catch (UserError e) {
            Arrays.stream(String.valueOf(e.getMessage()).split("\n"))
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.endsWith("in the configuration:"))
                    .forEach(problems::add);
        }
        return answer;
    }

    /** Plans a text as if it were a file. */
    private RunPlan plan(String yaml) {
        Path draft = draft(yaml);
        try {
            return engine.runFile(draft, arguments(yaml)).plan();
        } catch (UserError e) {
            String name = String.valueOf(draft.getFileName());
            throw new UserError(
                    String.valueOf(e.getMessage())
                            .replaceAll(Pattern.quote(name) + ":(\\d+)", "line $1")
                            .replace(draft.toString(), "the run file")
                            .replace(name, "the run file"),
                    e);
        } finally {
            AtomicFiles.delete(Objects.requireNonNull(draft.getParent()));
        }
    }

    private static Path draft(String yaml) {
        try {
            return Files.writeString(Files.createTempDirectory("rlhf4j-draft-").resolve("run.yaml"), yaml);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write a temporary file", e);
        }
    }

    /** What the command {@code plan} says of the text's stages, by the measured speed of this machine. */
    ObjectNode time(String yaml, ProgramCommand program) {
        Path draft = draft(yaml);
        try {
            return program.run(List.of("plan", "--hardware=here", "--", draft.toString()))
                    .json();
        } finally {
            AtomicFiles.delete(Objects.requireNonNull(draft.getParent()));
        }
    }

    /** Where the text does not say it, the run goes below the folder that is looked at. */
    private String[] arguments(String yaml) {
        boolean saysWhere = yaml.lines().anyMatch(line -> line.startsWith("output_dir:"));
        return saysWhere ? new String[0] : new String[] {"output_dir=" + root};
    }

    /**
     * Keeps the text as ROOT/.started/NAME.yaml and starts it.
     *
     * @param more such as --resume or --overwrite
     * @return the run's name
     * @throws UserError where it is no run file without mistakes
     */
    synchronized String start(String yaml, List<String> more) {
        RunPlan plan = plan(yaml);
        String name = plan.runFile().name();
        boolean isNamed = yaml.lines().anyMatch(line -> line.startsWith("name:"));
        if (!isNamed || !name.matches(NAME)) {
            throw new UserError("the run file needs a name: its first line may be name: my-run");
        }
        if (Files.exists(plan.runFile().directory().resolve(".rlhf4j")) && more.isEmpty()) {
            throw new UserError(plan.runFile().directory()
                    + " already exists; give the run another name, or choose to continue or to replace it");
        }
        Path file = root.resolve(".started").resolve(name + ".yaml");
        try {
            Files.createDirectories(file.getParent());
        } catch (IOException e) {
            throw new UserError("cannot write to " + root + ": " + e.getMessage(), e);
        }
        AtomicFiles.writeString(file, yaml);
        List<String> arguments = new ArrayList<>(Arrays.asList(arguments(yaml)));
        arguments.addAll(more);
        starter.start(name, file, arguments);
        return name;
    }
}
