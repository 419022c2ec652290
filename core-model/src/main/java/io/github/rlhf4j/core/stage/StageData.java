package io.github.rlhf4j.core.stage;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.train.Stateful;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Rows that a stage makes for later ones: a file of JSON lines in its folder {@code data}. Registered with the stage, it is cut back to the checkpoint that a run continues from.
 */
public final class StageData implements Stateful, AutoCloseable {
    private static final String FOLDER = "data";

    private final Path file;
    private JsonLines lines;
    private boolean isOpen = true;

    /** @param length bytes of the file that stay */
    private StageData(Path file, long length) {
        this.file = file;
        this.lines = JsonLines.open(file, length);
    }

    /**
     * Begins a file and registers it; before {@link StageContext#train}. A resumed stage's is restored there.
     *
     * @param name of the file, without .jsonl
     */
    public static StageData open(StageContext context, String name) {
        return open(context, folder(context.directory()), name);
    }

    /** The same for rows that are for people: in the stage's own folder, where later stages do not look. */
    public static StageData openBeside(StageContext context, String name) {
        return open(context, context.directory(), name);
    }

    private static StageData open(StageContext context, Path folder, String name) {
        try {
            Path file = Files.createDirectories(folder).resolve(name + ".jsonl");
            StageData data = new StageData(file, context.resumed() && Files.exists(file) ? Files.size(file) : 0);
            AtomicFiles.forceDirectory(folder);
            AtomicFiles.forceDirectory(context.directory());
            context.register("data." + name, data);
            return data;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + folder, e);
        }
    }

    /** Where a stage leaves its rows. */
    public static Path folder(Path stage) {
        return stage.resolve(FOLDER);
    }

    /** Appends a row. */
    public void write(Map<String, ?> row) {
        lines.write(row);
    }

    @Override
    public void save(ObjectNode state) {
        state.put("bytes", lines.sync()).put("sha256", lines.sha256Hex());
    }

    @Override
    public void restore(ObjectNode state) {
        isOpen = false;
        lines.close();
        lines = JsonLines.reopen(
                file, state.path("bytes").asLong(), state.path("sha256").asText());
        isOpen = true;
    }

    /** The rows are on the disk before the stage says that it is complete. */
    @Override
    public void close() {
        if (isOpen) {
            lines.sync();
            isOpen = false;
        }
        lines.close();
    }
}
