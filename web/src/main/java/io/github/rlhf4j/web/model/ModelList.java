package io.github.rlhf4j.web.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AdapterDirectory;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.pipeline.model.GivenModel;
import io.github.rlhf4j.pipeline.model.ModelFolder;
import io.github.rlhf4j.web.Json;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The language models and adapters in a folder and below: Hugging Face folders, stages of runs and GGUF files. */
public final class ModelList {
    private static final int DEPTH = 4;
    private static final int MOST = 500;
    private static final Set<String> PASSED_OVER =
            Set.of("checkpoints", "work", "data", "answers", "rankings", "chats");

    private final Path root;
    private final List<Path> models = new ArrayList<>();
    private final List<Path> adapters = new ArrayList<>();

    private ModelList(Path root) {
        this.root = root;
    }

    /** Looks for them. */
    public static ModelList below(Path root) {
        ModelList list = new ModelList(root);
        try {
            if (Files.isDirectory(root)) {
                Files.walkFileTree(root, EnumSet.noneOf(FileVisitOption.class), DEPTH, list.new Visitor());
            }
        } catch (IOException e) {
            throw new UserError(root + " cannot be read: " + e.getMessage(), e);
        }
        list.models.sort(null);
        list.adapters.sort(null);
        return list;
    }

    private final class Visitor extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            String name = Optional.ofNullable(folder.getFileName())
                    .map(Path::toString)
                    .orElse("");
            if (!folder.equals(root) && (name.startsWith(".") || PASSED_OVER.contains(name))
                    || models.size() + adapters.size() >= MOST) {
                return FileVisitResult.SKIP_SUBTREE;
            }
            if (AdapterDirectory.isOne(folder)) {
                adapters.add(folder);
                return FileVisitResult.SKIP_SUBTREE;
            }
            if (ModelFolder.isOne(folder)) {
                if (isLanguageModel(folder)) {
                    models.add(folder);
                }
                if (AdapterDirectory.isOne(folder.resolve("adapter"))) {
                    adapters.add(folder.resolve("adapter"));
                }
                return FileVisitResult.SKIP_SUBTREE;
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (models.size() < MOST && ModelFolder.isOne(file)) {
                models.add(file);
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) {
            return FileVisitResult.CONTINUE; // what cannot be read is not offered
        }
    }

    private static boolean isLanguageModel(Path folder) {
        try {
            return GivenModel.of(folder, Optional.empty()).head() == Head.LANGUAGE;
        } catch (UserError e) {
            return false;
        }
    }

    /** Language models, folders or GGUF files, sorted. */
    public List<Path> models() {
        return List.copyOf(models);
    }

    /** Folders of adapters, sorted. */
    public List<Path> adapters() {
        return List.copyOf(adapters);
    }

    /** {@code [{"path", "name"}]}: names are relative to the folder that was looked through. */
    public static ArrayNode json(Path root, List<Path> folders) {
        ArrayNode list = Json.array();
        folders.forEach(folder -> list.addObject()
                .put("path", folder.toString())
                .put(
                        "name",
                        folder.equals(root)
                                ? folder.toString()
                                : root.relativize(folder).toString()));
        return list;
    }
}
