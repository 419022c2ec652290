package io.github.rlhf4j.pipeline.model;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AdapterDirectory;
import io.github.rlhf4j.gguf.GgufModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The folder of the model that a command's user named: a Hugging Face folder, the folder of a run's stage, which has its model in {@code model/}, or a GGUF file. */
public final class ModelFolder {
    private static final String CONFIG = "config.json";
    private static final String RESULT = "model";
    /** As the Hub names models: owner/name. */
    private static final Pattern HUB_NAME = Pattern.compile("[A-Za-z0-9][\\w.-]*/[A-Za-z0-9][\\w.-]*");

    private ModelFolder() {}

    /**
     * Finds it.
     *
     * @throws UserError that says what the path is, where it is no model
     */
    public static Path of(Path given) {
        if (GgufModel.isOne(given)) {
            return GgufModel.folder(given);
        }
        if (!Files.isDirectory(given)) {
            throw new UserError(given + noFolder(given));
        }
        if (isModel(given)) {
            return given;
        }
        if (isModel(given.resolve(RESULT))) {
            return given.resolve(RESULT);
        }
        if (AdapterDirectory.isOne(given)) {
            throw new UserError(
                    given + " is an adapter, not a model: give the model that it is for, and this as adapter");
        }
        List<Path> stages = stages(given);
        if (!stages.isEmpty()) {
            throw new UserError(given + " is a run, not a model: name one of its stages: "
                    + stages.stream().map(Path::toString).collect(Collectors.joining(", ")));
        }
        if (isUnfinishedStage(given)) {
            throw new UserError(given + " is a stage that has no model yet: it is not finished, or evaluates only");
        }
        if (holds(given, ".gguf")) {
            throw new UserError(given + " holds a GGUF file: give the file itself");
        }
        throw new UserError(
                given + " has no " + CONFIG + ": give the folder of a Hugging Face model, or of a run's stage");
    }

    /** Whether it is a model's folder, a stage's with a model, or a GGUF file. */
    public static boolean isOne(Path given) {
        return GgufModel.isOne(given) || isModel(given) || isModel(given.resolve(RESULT));
    }

    private static boolean isModel(Path folder) {
        return Files.isRegularFile(folder.resolve(CONFIG));
    }

    private static String noFolder(Path given) {
        String name = given.toString();
        if (Files.exists(given)) {
            return " is a file: give the folder of a Hugging Face model, or of a run's stage";
        }
        if (HUB_NAME.matcher(name).matches()) {
            return " does not exist here; a model of the Hugging Face Hub is downloaded first: hf download " + name
                    + " --local-dir " + given.getFileName();
        }
        return " does not exist: give the folder of a Hugging Face model, or of a run's stage";
    }

    /** Folders in a run's that hold a model of their own. */
    public static List<Path> stages(Path run) {
        return children(run).filter(child -> isModel(child.resolve(RESULT))).toList();
    }

    private static boolean isUnfinishedStage(Path folder) {
        return Files.isRegularFile(folder.resolve("config.yaml"));
    }

    private static boolean holds(Path folder, String ending) {
        return children(folder).anyMatch(child -> child.toString().endsWith(ending));
    }

    private static Stream<Path> children(Path folder) {
        try (Stream<Path> children = Files.list(folder)) {
            return children.sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + folder, e);
        }
    }
}
