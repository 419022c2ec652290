package io.github.rlhf4j.pipeline.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.files.PathsBelow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a run's folder holds, for the report.
 *
 * @param name the run's
 * @param seed the run's, empty while summary.json is not there
 * @param stages those that are complete in the run's order, then those that have begun
 */
record RunFiles(Path directory, String name, String seed, List<StageFiles> stages) {
    static RunFiles read(Path run) {
        Path file = run.resolve("summary.json");
        JsonNode summary = StageFiles.readJson(file);
        List<StageFiles> stages = new ArrayList<>();
        summary.path("stages").properties().forEach(entry -> {
            Path directory = PathsBelow.of(run, entry.getKey(), file);
            if (Files.isRegularFile(directory.resolve("done.json"))) {
                stages.add(new StageFiles(entry.getKey(), directory, entry.getValue()));
            }
        });
        List<String> done = stages.stream().map(StageFiles::name).toList();
        begun(run).stream().filter(stage -> !done.contains(stage.name())).forEach(stages::add);
        Path own = run.toAbsolutePath().normalize().getFileName();
        String name = summary.path("name").asText(own == null ? "run" : own.toString());
        return new RunFiles(run, name, summary.path("seed").asText(), stages);
    }

    /** Folders with a stage's configuration and no result, the oldest first. */
    private static List<StageFiles> begun(Path run) {
        try (Stream<Path> entries = Files.list(run)) {
            return entries.filter(folder -> Files.isRegularFile(folder.resolve("config.yaml"))
                            && !Files.isRegularFile(folder.resolve("done.json")))
                    .sorted(Comparator.comparingLong((Path folder) ->
                            folder.resolve("config.yaml").toFile().lastModified()))
                    .map(StageFiles::unfinished)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + run, e);
        }
    }

    boolean isComplete() {
        return stages.stream().allMatch(StageFiles::isDone);
    }

    List<StageFiles> evaluations() {
        return stages.stream().filter(StageFiles::isEvaluation).toList();
    }

    Optional<StageFiles> stage(String wanted) {
        return stages.stream().filter(stage -> stage.name().equals(wanted)).findFirst();
    }
}
