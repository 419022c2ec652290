package io.github.rlhf4j.core.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Where a model's directory keeps chat templates besides chat_template.jinja: additional_chat_templates/NAME.jinja. */
public final class ChatTemplateFiles {
    /** Of a template's file. */
    public static final String ENDING = ".jinja";

    private static final String FOLDER = "additional_chat_templates";

    private ChatTemplateFiles() {}

    /** The files of additional templates, by name. */
    public static List<Path> additional(Path directory) {
        Path folder = directory.resolve(FOLDER);
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(ENDING))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + folder, e);
        }
    }

    static void copyAdditional(Path from, Path to) throws IOException {
        for (Path file : additional(from)) {
            Path folder = Files.createDirectories(to.resolve(FOLDER));
            Files.copy(file, folder.resolve(file.getFileName().toString()));
        }
    }
}
