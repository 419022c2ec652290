package io.github.rlhf4j.web.rank;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Where the prompts of a project come from: a dataset ({@code dataset}: a path or {@code synthetic:NAME}), or what a person uploaded or typed ({@code text} with {@code file_name}), which is kept in the project's folder.
 *
 * @param dataset what is opened
 * @param limit prompts at most, different ones
 * @param isChat whether plain prompts become a user's message, for the model's chat template
 * @param seed of made-up data
 */
record PromptSource(String dataset, int limit, boolean isChat, long seed) {
    private static final int MOST = 100_000;

    PromptSource {
        if (limit < 1 || limit > MOST) {
            throw new UserError("limit must be in 1.." + MOST + ", but is " + limit);
        }
    }

    /** Of a request; what was uploaded is written to {@code folder}. */
    static PromptSource of(JsonNode request, Path folder) {
        String text = request.path("text").asText();
        String dataset = request.path("dataset").asText().strip();
        if (dataset.isEmpty() == text.isBlank()) {
            throw new UserError("give prompts: a file, synthetic:NAME, or some lines of text; one of them");
        }
        return new PromptSource(
                text.isBlank()
                        ? dataset
                        : uploaded(text, request.path("file_name").asText(), folder),
                request.path("limit").asInt(MOST),
                request.path("chat").asBoolean(),
                request.path("seed").asLong());
    }

    /** Keeps what was uploaded in a project's folder, and gives its path. */
    static String uploaded(String text, String name, Path folder) {
        Path file = folder.resolve(fileName(name, text));
        AtomicFiles.writeString(file, text);
        return file.toString();
    }

    /** Lines that a person typed become rows; an uploaded file keeps its kind. */
    private static String fileName(String given, String text) {
        String name = given.toLowerCase(Locale.ROOT);
        for (String ending : List.of(".jsonl", ".json", ".csv", ".tsv")) {
            if (name.endsWith(ending)) {
                return "uploaded" + ending;
            }
        }
        return text.strip().startsWith("{") || text.strip().startsWith("[") ? "uploaded.jsonl" : "uploaded.txt";
    }

    /** The prompts, each once. */
    List<Prompt> read(Datasets datasets) {
        List<Prompt> prompts = new ArrayList<>();
        Set<String> seen = new LinkedHashSet<>();
        if (dataset.endsWith("uploaded.txt")) {
            for (String line : lines()) {
                if (prompts.size() < limit && seen.add(line)) {
                    prompts.add(asked(new Prompt(line)));
                }
            }
            return prompts;
        }
        try (RecordSet<Prompt> rows = datasets.open(DatasetSpec.of(dataset), Prompt.class, seed)) {
            for (Prompt row : rows) {
                if (prompts.size() >= limit) {
                    break;
                }
                if (seen.add(row.promptKey())) {
                    prompts.add(asked(row));
                }
            }
        }
        return prompts;
    }

    private List<String> lines() {
        try {
            return Files.readAllLines(Path.of(dataset)).stream()
                    .filter(line -> !line.isBlank())
                    .toList();
        } catch (IOException e) {
            throw new UserError(dataset + " cannot be read: " + e.getMessage(), e);
        }
    }

    private Prompt asked(Prompt prompt) {
        return isChat && prompt.prompt() instanceof Content.Text text
                ? new Prompt(Content.of(List.of(new ChatMessage("user", text.text()))), prompt.tags())
                : prompt;
    }
}
