package io.github.rlhf4j.cli.inspect;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** A run's folder, looked at: its stages, how far each is, what came out, and where its models are. */
public final class RunInspection {
    private static final String CONFIG = "config.yaml";
    private static final String SUMMARY = "summary.json";
    private static final List<String> RESULTS = List.of(
            "eval_loss",
            "loss",
            "eval_accuracy",
            "eval_rewards/accuracies",
            "rewards/accuracies",
            "objective/raw_scores",
            "objective/scores",
            "objective/kl");
    private static final int MOST_RESULTS = 4;

    private RunInspection() {}

    /** Whether a folder is a run's: it has stages. */
    public static boolean isRun(Path folder) {
        return Files.isDirectory(folder) && !stages(folder).isEmpty();
    }

    /**
     * Looks at a run.
     *
     * @throws UserError where its summary is damaged
     */
    public static Report of(Path run) {
        Report report = new Report();
        JsonNode summary = json(run.resolve(SUMMARY)).path("stages");
        List<Path> stages = new ArrayList<>(stages(run));
        List<String> order = new ArrayList<>();
        summary.fieldNames().forEachRemaining(order::add);
        stages.sort(
                Comparator.comparingInt(stage -> rank(order, stage.getFileName().toString())));
        report.line("run", run + ", " + stages.size() + (stages.size() == 1 ? " stage" : " stages"));
        for (Path stage : stages) {
            String name = stage.getFileName().toString();
            report.line(
                    name,
                    type(stage) + ", " + state(stage)
                            + results(summary.path(name).path("metrics")));
            for (String model : List.of("model", "value_model", "ema")) {
                if (Files.isRegularFile(stage.resolve(model).resolve("config.json"))) {
                    report.line("", stage.resolve(model).toString());
                }
            }
        }
        if (Files.isRegularFile(run.resolve("report.html"))) {
            report.line("report", run.resolve("report.html").toString());
        }
        return report;
    }

    private static int rank(List<String> order, String name) {
        int at = order.indexOf(name);
        return at < 0 ? order.size() : at;
    }

    private static List<Path> stages(Path run) {
        try (Stream<Path> children = Files.list(run)) {
            return children.filter(child -> Files.isRegularFile(child.resolve(CONFIG)))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + run, e);
        }
    }

    private static String type(Path stage) {
        try (Stream<String> lines = Files.lines(stage.resolve(CONFIG))) {
            return lines.filter(line -> line.startsWith("type: "))
                    .map(line -> line.substring("type: ".length()).split(" ", 2)[0])
                    .findFirst()
                    .orElse("stage");
        } catch (IOException | UncheckedIOException e) {
            throw new UserError(stage.resolve(CONFIG) + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static String state(Path stage) {
        if (Files.isRegularFile(stage.resolve("done.json"))) {
            return "done";
        }
        return newestCheckpoint(stage.resolve("checkpoints"))
                .map(step -> "not finished, a checkpoint at step " + step + ": continue with --resume")
                .orElse("not finished, no checkpoint");
    }

    private static Optional<Long> newestCheckpoint(Path folder) {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        try (Stream<Path> children = Files.list(folder)) {
            return children.map(child -> child.getFileName().toString())
                    .filter(name -> name.matches("step-[0-9]{1,18}"))
                    .map(name -> Long.parseLong(name.substring("step-".length())))
                    .max(Comparator.naturalOrder());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + folder, e);
        }
    }

    private static String results(JsonNode metrics) {
        StringBuilder text = new StringBuilder();
        RESULTS.stream()
                .filter(key -> metrics.path(key).isNumber())
                .limit(MOST_RESULTS)
                .forEach(key -> text.append(String.format(
                        Locale.ROOT, ", %s %.4g", key, metrics.path(key).asDouble())));
        return text.toString();
    }

    private static JsonNode json(Path file) {
        try {
            ObjectMapper mapper = new ObjectMapper();
            return Files.isRegularFile(file) ? mapper.readTree(file.toFile()) : mapper.createObjectNode();
        } catch (IOException e) {
            throw new UserError(file + " cannot be read: it is not valid JSON", e);
        }
    }
}
