package io.github.rlhf4j.core.stage;

import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.kernels.Kernels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/** Says where and how a stage runs; {@code StageRun.builder(folder, kernels).seed(7).build()} is enough for a stage that is run by hand. */
public final class StageRunBuilder {
    private final Path directory;
    private final Kernels kernels;
    private String name;
    private Path cacheDirectory;
    private long seed;
    private long dataSeed;
    private Console console = Console.SILENT;
    private boolean resume;
    private LongSupplier nanoTime = System::nanoTime;

    StageRunBuilder(Path directory, Kernels kernels) {
        this.directory = directory;
        this.kernels = kernels;
        this.name = directory.toAbsolutePath().normalize().getFileName().toString();
        this.cacheDirectory = directory.resolveSibling("cache");
    }

    /** The stage's name in messages; left out: its folder's. */
    public StageRunBuilder name(String other) {
        name = other;
        return this;
    }

    /** Where token caches and reference log-probs are; left out: {@code cache} beside the stage's folder. */
    public StageRunBuilder cacheDirectory(Path other) {
        cacheDirectory = other;
        return this;
    }

    /** The stage's seed; left out: 0. */
    public StageRunBuilder seed(long other) {
        seed = other;
        return this;
    }

    /** The seed of data that are made up; left out: 0. */
    public StageRunBuilder dataSeed(long other) {
        dataSeed = other;
        return this;
    }

    /** Where lines for the person who watches go; left out: nowhere. */
    public StageRunBuilder console(Console other) {
        console = other;
        return this;
    }

    /** Whether it starts from its newest checkpoint, where there is one; left out: it begins anew. */
    public StageRunBuilder resume(boolean other) {
        resume = other;
        return this;
    }

    /** The clock of logged times, in nanoseconds; left out: the system's. */
    public StageRunBuilder nanoTime(LongSupplier other) {
        nanoTime = other;
        return this;
    }

    /** The run, in a folder that is there from now on. The caller closes it. */
    public StageRun build() {
        try {
            AtomicFiles.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make " + directory, e);
        }
        return new StageRun(new StageRun.Setting(
                name, directory, cacheDirectory, seed, dataSeed, kernels, console, resume, nanoTime));
    }
}
