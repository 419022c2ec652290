package io.github.rlhf4j.core.stage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.train.NonFinite;
import io.github.rlhf4j.core.train.RowPlaces;
import io.github.rlhf4j.core.train.StepResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;

/** Steps whose numbers cannot be right: written aside with their rows, {@code nonfinite/step-N/} and {@code spikes/step-N/}, counted, and left out where the config says so. */
final class WrongNumbers {
    private static final String NONFINITE = "nonfinite";
    private static final String SPIKES = "spikes";
    private static final int MOST_SPIKES = 100; // written aside
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Path directory;
    private final NumbersConfig config;
    private final LongFunction<List<Map<String, Object>>> rows;
    private final SpikeWindow window = new SpikeWindow();
    private long skipped;
    private long inARow;
    private long spikes;

    /** @param rows what the rows of a step were made of */
    WrongNumbers(Path directory, NumbersConfig config, LongFunction<List<Map<String, Object>>> rows) {
        this.directory = directory;
        this.config = config;
        this.rows = rows;
    }

    /** Whether steps may be left out. */
    boolean skips() {
        return config.onNonfinite() == NumbersConfig.OnNonfinite.SKIP;
    }

    /** Steps left out so far. */
    long skipped() {
        return skipped;
    }

    /**
     * Takes note of a step that gave no finite loss.
     *
     * @return what to say about the step, which is left out
     * @throws UserError where the stage must end
     */
    String nonFinite(long step, NonFinite failure) {
        List<Map<String, Object>> described = failure.described().isEmpty() ? described(step) : failure.described();
        Path aside = directory.resolve(NONFINITE).resolve("step-" + step);
        write(aside, step, failure.facts(), described);
        String what = failure.getMessage() + places(described, failure) + "; what is known of it is in " + aside;
        if (!skips()) {
            throw new UserError(what, failure);
        }
        skipped++;
        inARow++;
        if (inARow > NumbersConfig.MOST_IN_A_ROW || skipped > NumbersConfig.MOST_SKIPPED) {
            throw new UserError("on_nonfinite: skip leaves out at most " + NumbersConfig.MOST_IN_A_ROW
                    + " steps one after the other and " + NumbersConfig.MOST_SKIPPED + " of a stage; " + what);
        }
        return "step " + step + " is left out: " + what;
    }

    /** Takes note of a step that is done; what to say about it, or nothing. */
    String done(long step, StepResult result) {
        inARow = 0;
        if (config.lossSpikeSigma() == 0 || !result.isTrained()) {
            return "";
        }
        String spike = window.add(result, config.lossSpikeSigma());
        if (spike.isEmpty() || ++spikes > MOST_SPIKES) {
            return "";
        }
        Path aside = directory.resolve(SPIKES).resolve("step-" + step);
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("loss", result.loss());
        facts.put("gradient_norm", result.gradientNorm());
        facts.put("learning_rate", result.learningRate());
        facts.put("spike", spike);
        facts.put("metrics", result.metrics().values());
        List<Map<String, Object>> described = described(step);
        write(aside, step, facts, described);
        return "step " + step + ": " + spike + RowPlaces.said(described, false) + "; its rows are in " + aside;
    }

    /** What is wrong with the step matters more than what is wrong with its rows' file by now. */
    private List<Map<String, Object>> described(long step) {
        try {
            return rows.apply(step);
        } catch (RuntimeException e) {
            return List.of(Map.of("unknown", String.valueOf(e.getMessage())));
        }
    }

    /** Where the rows to blame are; where none is alone, the first of all. */
    private static String places(List<Map<String, Object>> rows, NonFinite failure) {
        List<Integer> guilty = failure.rows();
        boolean areKnown = !guilty.isEmpty() && guilty.stream().allMatch(place -> place < rows.size());
        return areKnown
                ? RowPlaces.said(guilty.stream().map(rows::get).toList(), true)
                : RowPlaces.said(rows, !failure.described().isEmpty());
    }

    private static void write(Path aside, long step, Map<String, Object> facts, List<Map<String, Object>> rows) {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("step", step);
        report.putAll(facts);
        AtomicFiles.writeDirectory(aside, target -> {
            AtomicFiles.writeString(
                    target.resolve("report.json"),
                    MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(report) + "\n");
            StringBuilder lines = new StringBuilder();
            for (Map<String, Object> row : rows) {
                lines.append(MAPPER.writeValueAsString(row)).append('\n');
            }
            AtomicFiles.writeString(target.resolve("rows.jsonl"), lines.toString());
        });
    }

    void save(ObjectNode loop) {
        if (skips()) {
            loop.put("skipped_steps", skipped);
            loop.put("skipped_in_a_row", inARow);
        }
        if (config.lossSpikeSigma() > 0) {
            loop.put("spikes", spikes);
            window.save(loop.putObject("spike_window"));
        }
    }

    /** Goes back to what {@link #save} wrote after a step: what was written aside later is made again. */
    void restore(long step, JsonNode loop) {
        skipped = loop.path("skipped_steps").asLong();
        inARow = loop.path("skipped_in_a_row").asLong();
        spikes = loop.path("spikes").asLong();
        window.restore(loop.path("spike_window"));
        forgetAfter(directory, step);
    }

    /** Removes what was written aside of later steps. */
    static void forgetAfter(Path directory, long step) {
        for (String folder : List.of(NONFINITE, SPIKES)) {
            Path aside = directory.resolve(folder);
            if (Files.isDirectory(aside)) {
                Checkpoints.after(step, aside).forEach(AtomicFiles::delete);
                Checkpoints.deleteIfEmpty(aside);
            }
        }
    }
}
