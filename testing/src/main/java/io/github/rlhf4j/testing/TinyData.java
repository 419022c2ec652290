package io.github.rlhf4j.testing;

import io.github.rlhf4j.datasets.DatasetSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Small datasets, one of each kind of row: {@code TinyData.PAIRS.write(folder)} makes pairs.jsonl there. */
public enum TinyData {
    /** 24 texts. */
    TEXTS(6, "{\"text\": \"The %1$s is %2$s.\"}"),
    /** 24 prompts with completions. */
    DEMONSTRATIONS(6, "{\"prompt\": \"Is the %1$s %2$s? \", \"completion\": \"Yes, it is.\"}"),
    /** 24 conversations of two messages. */
    CHATS(
            6,
            "{\"messages\": [{\"role\": \"user\", \"content\": \"Is the %1$s %2$s?\"}, {\"role\": \"assistant\", \"content\": \"Yes, it is.\"}]}"),
    /** 12 prompts, each of three four times, with a chosen and a rejected response. */
    PAIRS(
            3,
            "{\"prompt\": \"Which colour is the %1$s? \", \"chosen\": \"It is %2$s.\", \"rejected\": \"No idea at all about %2$s.\"}"),
    /** 12 prompts with four ranked responses, two of them tied. */
    RANKINGS(
            3,
            "{\"prompt\": \"Which colour is the %1$s? \", \"responses\": [\"Well, %2$s perhaps.\", \"It is %2$s.\", \"No idea at all.\", \"Who knows?\"], \"ranks\": [2, 1, 3, 3]}"),
    /** 12 prompts with a response that is desirable or not. */
    UNPAIRED(3, "{\"prompt\": \"Which colour is the %1$s? \", \"completion\": \"It is %2$s.\", \"label\": %3$b}"),
    /** 12 prompts. */
    PROMPTS(3, "{\"prompt\": \"Which colour is the %1$s, is it %2$s? \"}");

    private static final List<String> THINGS = List.of("sky", "grass", "sea", "snow", "coal", "sun");
    private static final List<String> COLOURS = List.of("red", "green", "blue", "black");

    private final int things;
    private final String row;

    TinyData(int things, String row) {
        this.things = things;
        this.row = row;
    }

    /** Its rows, a JSON object each. */
    public List<String> rows() {
        List<String> rows = new ArrayList<>();
        for (String thing : THINGS.subList(0, things)) {
            for (String colour : COLOURS) {
                rows.add(row.formatted(thing, colour, rows.size() % 2 == 0));
            }
        }
        return rows;
    }

    /** Writes it as a file of JSON lines, in place of what is there. */
    public DatasetSpec write(Path folder) {
        return write(folder.resolve(name().toLowerCase(Locale.ROOT) + ".jsonl"), rows());
    }

    /** Writes rows of the caller's as a file of JSON lines. */
    public static DatasetSpec write(Path file, List<String> rows) {
        try {
            Files.writeString(file, String.join("\n", rows) + "\n");
            return DatasetSpec.of(file.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
