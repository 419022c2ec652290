package io.github.rlhf4j.web.runs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.files.PathsBelow;
import io.github.rlhf4j.pipeline.run.RunProcess;
import io.github.rlhf4j.web.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** How a run is, from its folder: state, stages, progress, time left, last metrics. */
final class RunView {
    private static final List<String> SHOWN = List.of(
            "loss",
            "eval_loss",
            "eval_accuracy",
            "accuracy",
            "eval_rewards/accuracies",
            "rewards/accuracies",
            "objective/scores",
            "reward",
            "objective/kl",
            "kl");
    private static final int MOST_SHOWN = 4;

    private RunView() {}

    /**
     * What the list of runs shows.
     *
     * @param name by which pages call it
     */
    static ObjectNode brief(String name, Path run) {
        Optional<RunProcess> process = RunProcess.of(run);
        List<Path> stages = stages(run, process);
        ObjectNode view = Json.object();
        view.put("run", name);
        view.put("state", state(process, stages, run));
        process.ifPresent(known -> {
            view.put("message", known.message());
            view.put("begun", known.begun().toEpochMilli());
        });
        view.put("changed", changed(run, stages));
        ArrayNode list = view.putArray("stages");
        stages.forEach(stage -> list.add(stage(stage, process)));
        current(stages, process).ifPresent(stage -> {
            view.put("stage", stage.getFileName().toString());
            ObjectNode metrics = view.putObject("metrics");
            Map<String, Double> last = LastLines.values(stage.resolve(MetricFiles.METRICS));
            SHOWN.stream()
                    .filter(last::containsKey)
                    .limit(MOST_SHOWN)
                    .forEach(metric -> metrics.put(metric, last.get(metric)));
        });
        secondsLeft(run, process).ifPresent(seconds -> view.put("seconds_left", seconds));
        return view;
    }

    private static String state(Optional<RunProcess> process, List<Path> stages, Path run) {
        if (process.isPresent()) {
            return process.get().state().name().toLowerCase(Locale.ROOT);
        }
        boolean isDone = Files.isRegularFile(run.resolve("summary.json"))
                && stages.stream().allMatch(stage -> Files.isRegularFile(stage.resolve("done.json")));
        return isDone ? "done" : "unfinished";
    }

    /** The folders of all stages, those that the run has not come to yet among them. */
    static List<Path> stages(Path run, Optional<RunProcess> process) {
        Set<Path> stages = new LinkedHashSet<>();
        JsonNode complete = Json.read(run.resolve("summary.json")).path("stages");
        process.ifPresent(known ->
                known.stages().forEach(stage -> PathsBelow.of(run, stage).ifPresent(stages::add)));
        complete.fieldNames()
                .forEachRemaining(stage -> PathsBelow.of(run, stage).ifPresent(stages::add));
        try (Stream<Path> children = Files.list(run)) {
            children.filter(child -> Files.isRegularFile(child.resolve("config.yaml")))
                    .sorted(Comparator.comparingLong((Path child) ->
                            child.resolve("config.yaml").toFile().lastModified()))
                    .forEach(stages::add);
        } catch (IOException e) {
            // removed meanwhile
        }
        return new ArrayList<>(stages);
    }

    private static ObjectNode stage(Path stage, Optional<RunProcess> process) {
        String name = stage.getFileName().toString();
        ObjectNode view = Json.object();
        view.put("name", name);
        boolean isDone = Files.isRegularFile(stage.resolve("done.json"));
        boolean isCurrent = process.filter(known -> known.stage().equals(name)).isPresent();
        String type = StageConfig.read(stage).getOrDefault("type", "");
        view.put("type", type);
        boolean isAtWork = isCurrent
                && process.filter(known -> known.state() == RunProcess.State.RUNNING)
                        .isPresent();
        boolean hasBegun = Files.isRegularFile(stage.resolve("config.yaml"));
        view.put("state", isDone ? "done" : isAtWork ? "running" : hasBegun ? "unfinished" : "waiting");
        view.put("samples", Files.isRegularFile(stage.resolve("samples.jsonl")));
        long logged = hasBegun
                ? LastLines.values(stage.resolve(MetricFiles.TIMING))
                        .getOrDefault("step", 0.0)
                        .longValue()
                : 0;
        view.put("step", isCurrent ? Math.max(logged, process.orElseThrow().step()) : logged);
        view.put("steps", isCurrent ? process.orElseThrow().steps() : 0);
        return view;
    }

    private static Optional<Path> current(List<Path> stages, Optional<RunProcess> process) {
        Optional<Path> atWork = process.flatMap(known -> stages.stream()
                .filter(stage -> stage.getFileName().toString().equals(known.stage()))
                .findFirst());
        return atWork.or(() -> stages.stream()
                .filter(stage -> Files.isRegularFile(stage.resolve(MetricFiles.METRICS)))
                .reduce((first, second) -> second));
    }

    /** Of the stage at work, by its rate so far. */
    private static Optional<Double> secondsLeft(Path run, Optional<RunProcess> process) {
        if (process.isEmpty()
                || process.get().state() != RunProcess.State.RUNNING
                || process.get().steps() == 0) {
            return Optional.empty();
        }
        RunProcess known = process.get();
        Map<String, Double> timing = PathsBelow.of(run, known.stage())
                .map(stage -> LastLines.values(stage.resolve(MetricFiles.TIMING)))
                .orElse(Map.of());
        Double seconds = timing.get("elapsed_s");
        double step = timing.getOrDefault("step", 0.0);
        return seconds == null || step == 0
                ? Optional.empty()
                : Optional.of(Math.max(0, known.steps() - known.step()) * seconds / step);
    }

    private static long changed(Path run, List<Path> stages) {
        long changed = run.resolve("run.log").toFile().lastModified();
        for (Path stage : stages) {
            changed = Math.max(
                    changed, stage.resolve(MetricFiles.METRICS).toFile().lastModified());
        }
        return changed == 0 ? run.toFile().lastModified() : changed;
    }
}
