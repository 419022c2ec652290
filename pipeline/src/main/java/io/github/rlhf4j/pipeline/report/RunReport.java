package io.github.rlhf4j.pipeline.report;

import io.github.rlhf4j.core.files.AtomicFiles;
import java.nio.file.Files;
import java.nio.file.Path;

/** report.html. */
public final class RunReport {
    private RunReport() {}

    /** Writes it. */
    public static void write(Path run) {
        if (Files.isDirectory(run)) {
            AtomicFiles.writeString(run.resolve("report.html"), "<!DOCTYPE html>");
        }
    }
}
