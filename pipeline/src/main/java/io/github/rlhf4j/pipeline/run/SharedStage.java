package io.github.rlhf4j.pipeline.run;

import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.pipeline.config.EffectiveConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** A complete stage that another run needs too: its files appear in that run's folder as if it had run there. Weights are the same files by a hard link where the disk can; nothing is ever changed in them. */
public final class SharedStage {
    private static final long LARGE = 1 << 20; // bytes

    private SharedStage() {}

    /** Whether a run's folder has the stage complete, made with this configuration. */
    public static boolean isDone(Path run, String stage, EffectiveConfig config) {
        StageFolder folder = new StageFolder(run.resolve(stage));
        return folder.isDone()
                && folder.config()
                        .filter(then -> config.changedKeys(then).isEmpty())
                        .isPresent();
    }

    /** Whether a run's folder has begun the stage, so that it continues there. */
    public static boolean isBegun(Path run, String stage) {
        StageFolder folder = new StageFolder(run.resolve(stage));
        return folder.isDone() || folder.hasCheckpoints() || folder.hasAnswers();
    }

    /**
     * Copies a complete stage from one run to another. Its checkpoints stay behind.
     *
     * @throws io.github.rlhf4j.core.UserError where the stage's result is damaged, or the other folder is no run's
     */
    public static void copy(Path from, Path to, String stage) {
        StageFolder source = new StageFolder(from.resolve(stage));
        source.done();
        try (RunFolder folder = RunFolder.lock(to)) {
            folder.stage(stage).clear();
            AtomicFiles.writeDirectory(folder.stage(stage).directory(), into -> copyFiles(source.directory(), into));
        }
    }

    private static void copyFiles(Path from, Path to) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(from)) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        for (Path file : files) {
            Path name = from.relativize(file);
            if (name.startsWith("checkpoints")) {
                continue;
            }
            Path target = to.resolve(name.toString());
            Files.createDirectories(Objects.requireNonNull(target.getParent()));
            if (Files.size(file) < LARGE || !isLinked(file, target)) {
                Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    private static boolean isLinked(Path file, Path target) {
        try {
            Files.createLink(target, file);
            return true;
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }
}
