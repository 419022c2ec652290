package io.github.rlhf4j.lab;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.charts.Texts;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a page has found.
 *
 * @param mode quick or full
 * @param observations each with its seed
 * @param groups means over seeds, and what was concluded from them
 */
record LabResults(
        String name,
        Page page,
        String mode,
        List<Observation> observations,
        List<Group> groups,
        List<Verdict> verdicts) {
    String json() {
        ObjectNode json = new ObjectMapper().createObjectNode();
        json.put("page", name).put("mode", mode);
        ArrayNode runs = json.putArray("runs");
        for (Observation one : observations) {
            ObjectNode run = runs.addObject();
            run.putPOJO("values", one.values());
            numbers(run.putObject("metrics"), one.metrics());
        }
        ArrayNode means = json.putArray("groups");
        for (Group group : groups) {
            ObjectNode node = means.addObject();
            node.putPOJO("values", group.values());
            ObjectNode metrics = node.putObject("metrics");
            group.metrics().forEach((metric, statistic) -> {
                ObjectNode mean = metrics.putObject(metric);
                number(mean, "mean", statistic.mean());
                number(mean, "se", statistic.se());
                mean.put("n", statistic.n());
            });
        }
        ArrayNode claims = json.putArray("claims");
        verdicts.forEach(verdict -> claims.addObject()
                .put("says", verdict.says())
                .put("holds", verdict.holds())
                .put("numbers", verdict.numbers()));
        return json.toPrettyString() + "\n";
    }

    private static void numbers(ObjectNode node, Map<String, Double> numbers) {
        numbers.forEach((name, value) -> number(node, name, value));
    }

    private static void number(ObjectNode node, String name, double value) {
        if (Double.isFinite(value)) {
            node.put(name, value);
        } else {
            node.putNull(name); // JSON has no NaN
        }
    }

    /** A row an observation. */
    String csv() {
        Set<String> values = new LinkedHashSet<>();
        Set<String> metrics = new LinkedHashSet<>();
        observations.forEach(one -> {
            values.addAll(one.values().keySet());
            metrics.addAll(one.metrics().keySet());
        });
        List<String> names = new ArrayList<>(values);
        names.addAll(metrics);
        StringBuilder csv = new StringBuilder(Texts.csvRow(names));
        for (Observation one : observations) {
            List<String> cells = new ArrayList<>();
            values.forEach(name -> cells.add(Group.text(one.values().getOrDefault(name, ""))));
            metrics.forEach(name -> cells.add(
                    one.metrics().containsKey(name)
                            ? String.valueOf(one.metrics().get(name))
                            : ""));
            csv.append(Texts.csvRow(cells));
        }
        return csv.toString();
    }
}
