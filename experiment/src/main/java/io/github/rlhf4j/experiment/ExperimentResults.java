package io.github.rlhf4j.experiment;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.charts.Texts;
import io.github.rlhf4j.core.UserError;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What came out of an experiment.
 *
 * @param folder with experiment.json, experiment.csv, report.html and a folder for each run
 * @param metrics names of the metrics of interest
 * @param runs in the order of the experiment, the failed ones included
 * @param groups the runs without their seeds, in the same order
 * @param baseline what the others are compared with
 */
public record ExperimentResults(
        Path folder, List<String> metrics, List<RunResult> runs, List<Group> groups, Group baseline) {
    public ExperimentResults {
        metrics = List.copyOf(metrics);
        runs = List.copyOf(runs);
        groups = List.copyOf(groups);
    }

    /**
     * The group of the given values.
     *
     * @param keysAndValues {@code "dpo.beta", 0.1}: as many as tell it apart
     * @throws UserError when there is none, or more than one
     */
    public Group group(Object... keysAndValues) {
        Values wanted = Design.values(keysAndValues);
        List<Group> found =
                groups.stream().filter(group -> group.values().contains(wanted)).toList();
        if (found.size() != 1) {
            throw new UserError((found.isEmpty() ? "no group has " : "more than one group has ") + wanted.label());
        }
        return found.get(0);
    }

    /** A group's name for pictures and tables: its values, each by the last part of its key where that tells the keys apart. */
    public String name(Group group) {
        Set<String> keys = new LinkedHashSet<>();
        groups.forEach(one -> keys.addAll(one.values().byKey().keySet()));
        return group.values().brief(keys);
    }

    Group group(Values values) {
        return groups.stream()
                .filter(group -> group.values().equals(values))
                .findFirst()
                .orElseThrow();
    }

    /** Runs without metrics. */
    public List<RunResult> failures() {
        return runs.stream().filter(run -> !run.isComplete()).toList();
    }

    /** Means with 95 % intervals, a group a line, and where the results are. */
    public List<String> lines() {
        return ResultLines.of(this);
    }

    /** experiment.json. */
    public ObjectNode json() {
        ObjectNode json = new ObjectMapper().createObjectNode();
        ArrayNode ofRuns = json.putArray("runs");
        for (RunResult run : runs) {
            ObjectNode node = ofRuns.addObject();
            values(node, run.values());
            ObjectNode measured = node.putObject("metrics");
            run.metrics().forEach((name, value) -> number(measured, name, value));
            run.failure().ifPresent(why -> node.put("failure", why));
        }
        ArrayNode ofGroups = json.putArray("groups");
        for (Group group : groups) {
            ObjectNode node = ofGroups.addObject();
            values(node, group.values());
            ObjectNode means = node.putObject("metrics");
            group.metrics().forEach((name, estimate) -> {
                ObjectNode mean = means.putObject(name);
                number(mean, "mean", estimate.mean());
                number(mean, "se", estimate.se());
                mean.put("n", estimate.n());
            });
        }
        return json;
    }

    private static void values(ObjectNode node, Values values) {
        ObjectNode object = node.putObject("values");
        values.byKey().forEach(object::set);
    }

    private static void number(ObjectNode node, String name, double value) {
        if (Double.isFinite(value)) {
            node.put(name, value);
        } else {
            node.putNull(name); // JSON has no NaN
        }
    }

    /** experiment.csv: a row a run; a column for each varied key and each metric. */
    public String csv() {
        Set<String> keys = new LinkedHashSet<>();
        runs.forEach(run -> keys.addAll(run.values().byKey().keySet()));
        StringBuilder out = new StringBuilder();
        List<String> header = new ArrayList<>(keys);
        header.addAll(metrics);
        header.add("folder");
        header.add("failure");
        out.append(Texts.csvRow(header));
        for (RunResult run : runs) {
            List<String> cells = new ArrayList<>();
            for (String key : keys) {
                cells.add(run.values().byKey().containsKey(key) ? run.values().text(key) : "");
            }
            for (String metric : metrics) {
                Double value = run.metrics().get(metric);
                cells.add(value == null || value.isNaN() ? "" : String.valueOf(value));
            }
            cells.add(String.valueOf(run.folder().getFileName()));
            cells.add(run.failure().orElse(""));
            out.append(Texts.csvRow(cells));
        }
        return out.toString();
    }

    /** The seeds at which both groups have complete runs, with a run of each. */
    static List<Map.Entry<RunResult, RunResult>> paired(Group one, Group other) {
        List<Map.Entry<RunResult, RunResult>> pairs = new ArrayList<>();
        for (RunResult run : one.runs()) {
            other.runs().stream()
                    .filter(partner ->
                            partner.values().seeds().equals(run.values().seeds()))
                    .findFirst()
                    .ifPresent(partner -> pairs.add(Map.entry(run, partner)));
        }
        return pairs;
    }
}
