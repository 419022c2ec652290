package io.github.rlhf4j.lab.pages;

import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.Prompt;
import java.util.List;
import java.util.Map;

/**
 * A question of {@code synthetic:knowledge_eval}.
 *
 * @param prompt a sentence to complete
 * @param value what the right answer names
 * @param known seen, unseen or stranger: whether the texts state the fact, or other facts of that person, or nothing
 * @param passage three sentences, one of which states the fact
 * @param yesNo the question whether {@code {value}} holds
 * @param other a wrong value
 * @param wordings the sentence in other words
 * @param injected how many texts state that {@code other} is right; below 0 where nothing was done to the fact
 */
record FactQuestion(
        String prompt,
        String value,
        String known,
        String passage,
        String yesNo,
        String other,
        List<String> wordings,
        int injected) {
    static final String ADMISSION = "unknown.";

    static FactQuestion of(Prompt row) {
        Map<String, Object> columns = row.tags().columns();
        return new FactQuestion(
                ((Content.Text) row.prompt()).text(),
                text(columns, "value"),
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

    String check(String named) {
        return yesNo.replace("{value}", named);
    }

    /** Whether an answer names the right value. */
    boolean isRight(String text) {
        return names(text, value);
    }

    /** Whether the words of an answer's first line have {@code named} among them: a model that was not tuned goes on after it. */
    static boolean names(String text, String named) {
        String first = text.strip().lines().findFirst().orElse("");
        return List.of(first.split("\\P{L}+")).contains(named);
    }

    /** What an answer such as {@code a dog.} names: its last word. */
    static String named(String text) {
        String[] words = text.strip().lines().findFirst().orElse("").split("\\P{L}+");
        return words.length == 0 ? "" : words[words.length - 1];
    }
}
