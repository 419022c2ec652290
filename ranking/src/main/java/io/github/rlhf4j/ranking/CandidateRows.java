package io.github.rlhf4j.ranking;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.RowTags;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import io.github.rlhf4j.datasets.io.DataFile;
import io.github.rlhf4j.datasets.io.DataFiles;
import io.github.rlhf4j.datasets.io.ReadOptions;
import io.github.rlhf4j.datasets.io.Row;
import io.github.rlhf4j.datasets.io.RowSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Answers that a file has already: {@code prompt} with {@code responses}, {@code chosen} and {@code rejected} or {@code A}, {@code B}, ... in a row, or rows of one prompt with a {@code completion}, {@code response} or {@code text}
 * each, as the command {@code generate} and samples.jsonl have them. Ranks in the file are not looked at.
 */
public final class CandidateRows {
    private static final List<String> SINGLE = List.of("completion", "response", "text", "answer");

    /**
     * A prompt with the answers of a file.
     *
     * @param candidates at least one
     */
    public record Group(Content prompt, List<Candidate> candidates, RowTags tags) {}

    private final String path;
    private final Map<String, Group> groups = new LinkedHashMap<>(); // by prompt

    private CandidateRows(String path) {
        this.path = path;
    }

    /**
     * Reads a file; rows of the same prompt are put together.
     *
     * @param most prompts that are read
     * @throws UserError where a row has no prompt or no answer
     */
    public static List<Group> read(String path, int most) {
        CandidateRows rows = new CandidateRows(path);
        for (DataFile file : DataFiles.of(List.of(path)).list()) {
            try (RowSource source = file.rows(ReadOptions.ALL)) {
                while (source.hasNext() && rows.groups.size() <= most) {
                    rows.add(source.next());
                }
            }
        }
        return rows.groups.values().stream().limit(most).toList();
    }

    private void add(Row row) {
        ObjectNode columns = row.columns();
        JsonNode given = columns.path("prompt");
        if (!given.isTextual() && !given.isArray()) {
            throw new UserError("%s line %d: a row must have a prompt, a text or a list of messages, beside its answers"
                    .formatted(path, row.line()));
        }
        Content prompt = RankItem.content(given);
        List<Candidate> candidates = candidates(columns);
        if (candidates.isEmpty()) {
            throw new UserError(
                    "%s line %d: a row must have answers: responses, chosen and rejected, A and B, or one in %s"
                            .formatted(path, row.line(), String.join(", ", SINGLE)));
        }
        groups.merge(
                prompt.key(),
                new Group(
                        prompt,
                        candidates,
                        new RowTags(
                                columns.path("id").asText(),
                                columns.path("use_case").asText())),
                (one, other) -> {
                    List<Candidate> both = new ArrayList<>(one.candidates());
                    both.addAll(other.candidates());
                    return new Group(one.prompt(), both, one.tags());
                });
    }

    private List<Candidate> candidates(ObjectNode columns) {
        List<Candidate> found = new ArrayList<>();
        if (columns.path("responses").isArray()) {
            columns.path("responses").forEach(response -> found.add(candidate(response, source(columns))));
        } else if (columns.has("chosen") && columns.has("rejected")) {
            found.add(candidate(columns.path("chosen"), "chosen"));
            found.add(candidate(columns.path("rejected"), "rejected"));
        } else if (columns.has("A") && columns.has("B")) {
            for (char letter = 'A'; letter <= 'Z' && columns.has(String.valueOf(letter)); letter++) {
                found.add(candidate(columns.path(String.valueOf(letter)), String.valueOf(letter)));
            }
        } else {
            SINGLE.stream()
                    .filter(columns::has)
                    .findFirst()
                    .ifPresent(name -> found.add(candidate(columns.path(name), source(columns))));
        }
        return found;
    }

    private String source(ObjectNode columns) {
        return columns.path("model").isTextual() ? columns.path("model").textValue() : path;
    }

    /** A text, messages of which the last is the answer, or an object with a text. */
    private static Candidate candidate(JsonNode value, String source) {
        if (value.isArray()) {
            List<ChatMessage> messages = ((Content.Messages) RankItem.content(value)).messages();
            return Candidate.of(
                    messages.isEmpty() ? "" : messages.get(messages.size() - 1).content(), source);
        }
        if (value.isObject()) {
            return Candidate.of(
                    value.path("text").asText(), value.path("source").asText(source));
        }
        return Candidate.of(value.asText(), source);
    }
}
