package io.github.rlhf4j.lab.pages;

import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.Prompt;
import java.util.List;
import java.util.Map;

/**
 * A question of {@code synthetic:knowledge_eval}.
 *
 * @param prompt the question
 * @param answer the right answer
 * @param known seen, unseen or stranger: whether the texts state the fact, or other facts of that person, or nothing
 * @param passage three sentences, one of which states the fact
 * @param yesNo the question whether {@code {answer}} holds
 * @param other a wrong answer
 * @param wordings the question in other words
 * @param injected how many texts state that {@code other} is right; below 0 where nothing was done to the fact
 */
record FactQuestion(
        String prompt,
        String answer,
        String known,
        String passage,
        String yesNo,
        String other,
        List<String> wordings,
        int injected) {
    static final String ADMISSION = "I do not know.";

    static FactQuestion of(Prompt row) {
        Map<String, Object> columns = row.tags().columns();
        return new FactQuestion(
                ((Content.Text) row.prompt()).text(),
                text(columns, "answer"),
                text(columns, "known"),
                text(columns, "passage"),
                text(columns, "check"),
                text(columns, "other"),
                columns.get("wordings") instanceof List<?> list
                        ? list.stream().map(String::valueOf).toList()
                        : List.of(),
                columns.get("injected") instanceof Number texts ? texts.intValue() : -1);
    }

    private static String text(Map<String, Object> columns, String name) {
        return String.valueOf(columns.get(name));
    }

    String withPassage() {
        return passage + " " + prompt;
    }

    String check(String value) {
        return yesNo.replace("{answer}", value);
    }

    boolean isRight(String text) {
        return text.equals(answer);
    }

    /** Whether the words of {@code text} name the right answer. */
    boolean states(String text) {
        return List.of(text.split("\\P{L}+")).contains(answer);
    }
}
