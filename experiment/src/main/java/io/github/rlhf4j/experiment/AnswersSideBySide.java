package io.github.rlhf4j.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.charts.Texts;
import io.github.rlhf4j.pipeline.report.Html;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the models of several runs answered to the same prompts: of evaluations, and the last responses of stages that sample. */
final class AnswersSideBySide {
    private static final int MOST_PROMPTS = 100;
    private static final int SHOWN = 8;
    private static final List<String> MEASURES =
            List.of("hidden_utility", "reward", "score", "win_rate", "kl", "length");

    private AnswersSideBySide() {}

    /** An answer with what was measured on it. */
    private record Answer(String who, String text, String measures, double deciding) {}

    /** A prompt that at least two runs have answered. */
    record Row(String prompt, List<Answer> answers) {
        List<String> lines() {
            List<String> lines = new ArrayList<>();
            lines.add("> " + oneLine(prompt, 160));
            answers.forEach(answer -> lines.add("  " + answer.who() + ": " + oneLine(answer.text(), 160)
                    + (answer.measures().isEmpty() ? "" : "  [" + answer.measures() + "]")));
            return lines;
        }
    }

    private static String oneLine(String text, int most) {
        return Texts.shortened(text.strip().replaceAll("\\s+", " "), most);
    }

    /** The rows, in the order of the first run. */
    static List<Row> of(Collection<ExistingRun> runs) {
        Map<String, Map<String, List<Answer>>> byPrompt = new LinkedHashMap<>(); // prompt -> run -> answers
        for (ExistingRun run : runs) {
            Map<String, Map<String, Answer>> own = new LinkedHashMap<>(); // prompt -> who -> the last answer
            stages(run).forEach(stage -> {
                for (JsonNode line :
                        PromptValues.lines(run.folder().resolve(stage).resolve("samples.jsonl"))) {
                    answers(run.name(), stage, line)
                            .forEach(answer -> own.computeIfAbsent(
                                            line.path("prompt").asText(), key -> new LinkedHashMap<>())
                                    .put(answer.who(), answer));
                }
            });
            own.forEach((prompt, answers) -> byPrompt.computeIfAbsent(prompt, key -> new LinkedHashMap<>())
                    .computeIfAbsent(run.folder().toString(), key -> new ArrayList<>())
                    .addAll(answers.values()));
        }
        List<Row> rows = new ArrayList<>();
        byPrompt.forEach((prompt, byRun) -> {
            if (byRun.size() > 1 && rows.size() < MOST_PROMPTS) {
                rows.add(new Row(
                        prompt, byRun.values().stream().flatMap(List::stream).toList()));
            }
        });
        return rows;
    }

    /** Evaluations first. */
    private static List<String> stages(ExistingRun run) {
        List<String> stages = new ArrayList<>();
        run.summary().path("stages").properties().forEach(stage -> {
            if (stage.getValue().has("models")) {
                stages.add(0, stage.getKey());
            } else {
                stages.add(stage.getKey());
            }
        });
        return stages;
    }

    private static List<Answer> answers(String run, String stage, JsonNode line) {
        List<Answer> answers = new ArrayList<>();
        line.path("answers")
                .properties()
                .forEach(model -> answers.add(answer(
                        run + ", " + model.getKey(),
                        model.getValue().path("text").asText(),
                        model.getValue())));
        if (line.path("response").isTextual()) {
            answers.add(answer(
                    run + ", " + stage + " while training",
                    line.path("response").asText(),
                    line));
        }
        return answers;
    }

    private static Answer answer(String who, String text, JsonNode measured) {
        List<String> measures = new ArrayList<>();
        double deciding = Double.NaN;
        for (String measure : MEASURES) {
            JsonNode value = measured.path(measure);
            if (value.isNumber()) {
                measures.add(measure.replace('_', ' ') + " " + Texts.brief(value.doubleValue()));
                deciding = Double.isNaN(deciding) ? value.doubleValue() : deciding;
            }
        }
        return new Answer(who, text, String.join(" · ", measures), deciding);
    }

    /** A card a prompt, which the page's script filters and sorts; empty without rows. */
    static String html(List<Row> rows) {
        if (rows.isEmpty()) {
            return "";
        }
        StringBuilder out = new StringBuilder("<div class=\"answers\" data-shown=\"" + SHOWN + "\">"
                + "<form class=\"controls\" hidden><label>Find <input type=\"search\" placeholder=\"a word\"></label>"
                + "<label>Sort <select><option value=\"order\">in order</option><option value=\"spread\">answers differ"
                + " most</option></select></label><span class=\"count\" role=\"status\"></span></form>\n");
        for (int i = 0; i < rows.size(); i++) {
            out.append(card(rows.get(i), i));
        }
        return out.append("</div>\n").toString();
    }

    private static String card(Row row, int order) {
        StringBuilder cells = new StringBuilder();
        List<String> values = new ArrayList<>();
        for (Answer answer : row.answers()) {
            values.add(Double.isNaN(answer.deciding()) ? "null" : String.valueOf(answer.deciding()));
            cells.append("<div class=\"cell\"><div class=\"who\">")
                    .append(Html.escape(answer.who()))
                    .append("</div>")
                    .append(Html.clamped(answer.text().strip(), "answer"))
                    .append("<small>")
                    .append(Html.escape(answer.measures()))
                    .append("</small></div>");
        }
        return "<article class=\"card\" data-order=\"" + order + "\" data-values=\"[" + String.join(",", values)
                + "]\"><div class=\"prompt-line\"><small>prompt</small>"
                + Html.clamped(row.prompt().strip(), "prompt")
                + "</div><div class=\"cells\">" + cells + "</div></article>\n";
    }
}
