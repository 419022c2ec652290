package io.github.rlhf4j.pipeline.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Texts that a stage wrote while it trained: what it said to the same prompts at several steps, where it was asked again, else the samples of the first, a middle and the last step. */
final class StageSamples {
    private static final int MOST = 8;

    private final StageFiles stage;

    StageSamples(StageFiles stage) {
        this.stage = stage;
    }

    String html() {
        List<JsonNode> lines = stage.lines("samples.jsonl");
        if (lines.isEmpty() || lines.get(0).has("answers")) {
            return "";
        }
        Map<String, List<JsonNode>> byPrompt = new LinkedHashMap<>();
        lines.forEach(line -> byPrompt.computeIfAbsent(line.path("prompt").asText(), key -> new ArrayList<>())
                .add(line));
        List<Map.Entry<String, List<JsonNode>>> again = byPrompt.entrySet().stream()
                .filter(entry -> !entry.getKey().isEmpty() && steps(entry.getValue()) > 2)
                .limit(MOST)
                .toList();
        StringBuilder evolution = new StringBuilder();
        again.forEach(entry -> evolution.append(cards(entry.getKey(), few(entry.getValue()), true)));
        return Html.details("The same prompts over the steps", evolution.toString()) + bySteps(lines);
    }

    private static long steps(List<JsonNode> lines) {
        return lines.stream().map(line -> line.path("step").asLong()).distinct().count();
    }

    /** First, last and some between. */
    private static List<JsonNode> few(List<JsonNode> lines) {
        Map<Long, JsonNode> byStep = new TreeMap<>();
        lines.forEach(line -> byStep.putIfAbsent(line.path("step").asLong(), line));
        List<JsonNode> all = List.copyOf(byStep.values());
        Set<Integer> chosen = new LinkedHashSet<>();
        for (int i = 0; i < 4; i++) {
            chosen.add(i * (all.size() - 1) / 3);
        }
        return chosen.stream().map(all::get).toList();
    }

    private String bySteps(List<JsonNode> lines) {
        Map<Long, List<JsonNode>> byStep = new TreeMap<>();
        lines.forEach(line -> byStep.computeIfAbsent(line.path("step").asLong(), key -> new ArrayList<>())
                .add(line));
        List<Long> steps = List.copyOf(byStep.keySet());
        Set<Long> shown =
                new LinkedHashSet<>(List.of(steps.get(0), steps.get(steps.size() / 2), steps.get(steps.size() - 1)));
        StringBuilder out = new StringBuilder();
        for (long step : shown) {
            StringBuilder cards = new StringBuilder();
            byStep.getOrDefault(step, List.of()).stream()
                    .limit(MOST)
                    .forEach(line -> cards.append(cards(line.path("prompt").asText(), List.of(line), false)));
            out.append(Html.details("Samples of step " + step, cards.toString()));
        }
        return out.toString();
    }

    private static String cards(String prompt, List<JsonNode> lines, boolean withStep) {
        StringBuilder cells = new StringBuilder();
        for (JsonNode line : lines) {
            StringBuilder texts = new StringBuilder();
            List<String> numbers = new ArrayList<>();
            line.properties().forEach(entry -> {
                String key = entry.getKey();
                JsonNode value = entry.getValue();
                if (key.equals("step") || key.equals("prompt")) {
                    return;
                }
                if (value.isTextual()) {
                    texts.append(Html.clamped(value.textValue().strip(), "answer"));
                } else if (value.isNumber()) {
                    numbers.add(Html.escape(key.replace('_', ' ')) + " " + Html.brief(value.doubleValue()));
                } else {
                    numbers.add(Html.escape(key.replace('_', ' ') + " " + value));
                }
            });
            cells.append("<div class=\"cell\">")
                    .append(
                            withStep
                                    ? "<div class=\"who\">step "
                                            + line.path("step").asLong() + "</div>"
                                    : "")
                    .append(texts)
                    .append("<small>")
                    .append(String.join(" · ", numbers))
                    .append("</small></div>");
        }
        return "<article class=\"card\">"
                + (prompt.isBlank()
                        ? ""
                        : "<div class=\"prompt-line\"><small>prompt</small>" + Html.clamped(prompt.strip(), "prompt")
                                + "</div>")
                + "<div class=\"cells\">" + cells + "</div></article>\n";
    }
}
