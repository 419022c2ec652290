package io.github.rlhf4j.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.pipeline.run.FolderLock;
import io.github.rlhf4j.pipeline.run.FormerRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** An experiment's folder, held by one process at a time: its results, and a folder for each run. */
final class ExperimentFolder implements AutoCloseable {
    private static final String MARK = ".rlhf4j-experiment";
    private static final String LOCK = ".experiment-lock";
    private static final String MEASURES = "measures";
    private static final List<String> RESULTS =
            List.of("experiment.json", "experiment.csv", "report.html", "charts", MEASURES, FormerStages.FILE);
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final DefaultPrettyPrinter PRINTER =
            new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));

    private final Path directory;
    private final FolderLock lock;

    private ExperimentFolder(Path directory, FolderLock lock) {
        this.directory = directory;
        this.lock = lock;
    }

    /**
     * Checks that an experiment may be there.
     *
     * @throws UserError where something else is, or an experiment is that is neither to be continued nor replaced
     */
    static void requirePlace(Path directory, boolean resume, boolean overwrite) {
        if (!Files.exists(directory)) {
            return;
        }
        if (!Files.isDirectory(directory)) {
            throw new UserError(directory + " exists and is no folder; choose another name by name=...");
        }
        List<String> entries = entries(directory);
        if (!entries.isEmpty() && !Files.exists(directory.resolve(MARK))) {
            throw new UserError(directory + " is not the folder of an experiment (it holds "
                    + String.join(", ", entries.subList(0, Math.min(3, entries.size())))
                    + "); choose another name by name=...");
        }
        if (!entries.isEmpty() && !resume && !overwrite) {
            throw new UserError(directory + " already exists; continue it with --resume, replace it with --overwrite,"
                    + " or choose another name by name=...");
        }
    }

    /**
     * Makes and locks the folder.
     *
     * @param overwrite whether what an experiment has left is removed
     */
    static ExperimentFolder open(Path directory, boolean overwrite) {
        try {
            AtomicFiles.createDirectories(directory);
            FolderLock lock = FolderLock.take(directory, LOCK, "experiment");
            try {
                AtomicFiles.writeString(
                        directory.resolve(MARK),
                        "The folder of an experiment of RLHF4J. What it has made in it, --overwrite may replace.\n");
                ExperimentFolder folder = new ExperimentFolder(directory, lock);
                if (overwrite) {
                    folder.clear();
                }
                return folder;
            } catch (RuntimeException e) {
                lock.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UserError(
                    "cannot write to " + directory + ": " + e.getMessage()
                            + "; choose another place with output_dir=...",
                    e);
        }
    }

    private void clear() {
        for (String name : entries(directory)) {
            Path entry = directory.resolve(name);
            if (RESULTS.contains(name)) {
                AtomicFiles.delete(entry);
            } else if (Files.isDirectory(entry) && FormerRun.isOne(entry)) {
                FormerRun.remove(entry);
            }
        }
    }

    private static List<String> entries(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> String.valueOf(entry.getFileName()))
                    .filter(name ->
                            !name.equals(MARK) && !name.equals(LOCK) && !AtomicFiles.isTemporaryOf(List.of(MARK), name))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + directory, e);
        }
    }

    /** Writes what came out so far. */
    void write(ExperimentResults results) {
        AtomicFiles.writeString(directory.resolve("experiment.json"), text(results.json()));
        AtomicFiles.writeString(directory.resolve("experiment.csv"), results.csv());
    }

    /** The measures of a run that were taken in Java; none where none were, or where their file is damaged: they are taken again. */
    ObjectNode measures(PlannedRun run) {
        return DigestedJson.read(measuresFile(run), MEASURES)
                .filter(ObjectNode.class::isInstance)
                .map(ObjectNode.class::cast)
                .orElseGet(MAPPER::createObjectNode);
    }

    void writeMeasures(PlannedRun run, ObjectNode measures) {
        AtomicFiles.writeString(measuresFile(run), text(DigestedJson.of(MEASURES, measures)));
    }

    /** What earlier runs of the experiment have made, whatever they varied; says also what these runs are going to make. */
    FormerStages stages(List<PlannedRun> runs) {
        FormerStages former = FormerStages.read(directory);
        AtomicFiles.writeString(directory.resolve(FormerStages.FILE), text(former.with(runs)));
        return former;
    }

    private Path measuresFile(PlannedRun run) {
        return directory.resolve(MEASURES).resolve(run.folder().getFileName() + ".json");
    }

    private static String text(JsonNode tree) {
        try {
            return MAPPER.writer(PRINTER).writeValueAsString(tree) + "\n";
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        lock.close();
    }
}
