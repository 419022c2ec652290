package io.github.rlhf4j.datasets.lines;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.ScoreSummary;
import io.github.rlhf4j.core.generation.Scorer;
import io.github.rlhf4j.core.generation.ScoringTokens;
import io.github.rlhf4j.core.math.StableMath;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import io.github.rlhf4j.datasets.io.Row;
import io.github.rlhf4j.datasets.tokens.StepTokens;
import io.github.rlhf4j.datasets.training.ChatTokens;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.DoubleUnaryOperator;

/**
 * Scores rows of JSON.
 *
 * <p>A row is {@code {"ids": [...]}}, taken as they are; {@code {"text":}}, by the tokenizer's own rule; {@code {"prompt":, "completion":}}, as one text with an end token; or
 * {@code {"messages": [...]}}. A row comes back for each: {@code {"ids": [...], "log_probs": [one for each id after the first]}} from a language model, nats;
 * {@code {"ids": [...], "score": x}} from a model with a scalar head, read at the last token. From a process reward model {@code {"prompt":, "completions": [...]}} becomes {@code {"ids": [...], "scores": [...]}}, for each step the
 * probability that it is right.
 */
public final class LineScorer {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final List<String> FORMS = List.of("ids", "text", "prompt", "messages");
    private static final String EXPECTED =
            "must have \"ids\", \"text\", \"prompt\" with \"completion\", or \"messages\", one of them";

    private final Scorer scorer;
    private final Tokenizer tokenizer;
    private final ScoringTokens tokens;
    private final ChatTokens chat;
    private final DoubleUnaryOperator scale;
    private final Optional<StepTokens> steps;

    /**
     * @param tokenizer the model's own
     * @param scale what a raw score is written as
     */
    public LineScorer(Scorer scorer, Tokenizer tokenizer, DoubleUnaryOperator scale) {
        this(scorer, tokenizer, scale, Optional.empty());
    }

    /**
     * Of a process reward model.
     *
     * @param steps the model's tokens of steps
     */
    public static LineScorer ofSteps(Scorer scorer, StepTokens steps) {
        return new LineScorer(scorer, steps.tokenizer(), StableMath::sigmoid, Optional.of(steps));
    }

    private LineScorer(Scorer scorer, Tokenizer tokenizer, DoubleUnaryOperator scale, Optional<StepTokens> steps) {
        this.steps = steps;
        this.scorer = scorer;
        this.tokenizer = tokenizer;
        this.tokens = new ScoringTokens(tokenizer);
        this.chat = ChatTokens.of(tokenizer);
        this.scale = scale;
    }

    /**
     * Scores all rows, a batch at a time.
     *
     * @param out takes the rows with scores, in order
     * @return what they add up to
     * @throws UserError that names the row which cannot be scored: none of the forms, or as {@link Scorer#score(Iterator, Consumer)}
     */
    public ScoreSummary score(Iterator<Row> rows, Consumer<ObjectNode> out) {
        ScoreSummary summary = new ScoreSummary(tokenizer);
        scorer.score(new Sequences(rows), scored -> out.accept(row(scored, summary)));
        return summary;
    }

    private ObjectNode row(Scorer.Scored scored, ScoreSummary summary) {
        ObjectNode row = MAPPER.createObjectNode();
        ArrayNode ids = row.putArray("ids");
        for (int id : scored.ids()) {
            ids.add(id);
        }
        if (steps.isPresent()) {
            ArrayNode scores = row.putArray("scores");
            for (double logOdds : scored.scores()) {
                double score = scale.applyAsDouble(logOdds);
                scores.add(score);
                summary.addScore(score);
            }
            return row;
        }
        if (!Double.isNaN(scored.score())) {
            double score = scale.applyAsDouble(scored.score());
            row.put("score", score);
            summary.addScore(score);
            return row;
        }
        ArrayNode logProbs = row.putArray("log_probs");
        for (double logProb : scored.logProbs()) {
            logProbs.add(logProb);
        }
        summary.addLogProbs(scored.ids(), scored.logProbs());
        return row;
    }

    /** Rows as their tokens. */
    private final class Sequences implements Iterator<Scorer.Sequence> {
        private final Iterator<Row> rows;

        Sequences(Iterator<Row> rows) {
            this.rows = rows;
        }

        @Override
        public boolean hasNext() {
            return rows.hasNext();
        }

        @Override
        public Scorer.Sequence next() {
            Row row = rows.next();
            String where = DataRows.place(row);
            try {
                return steps.isPresent()
                        ? sequence(where, row.columns(), steps.get())
                        : new Scorer.Sequence(where, ids(row.columns()));
            } catch (UserError e) {
                String message = String.valueOf(e.getMessage());
                throw message.startsWith(where) ? e : new UserError(where + ": " + message, e);
            }
        }
    }

    private static Scorer.Sequence sequence(String where, JsonNode row, StepTokens steps) {
        JsonNode completions = row.path("completions");
        List<String> texts = new ArrayList<>();
        completions.forEach(step -> texts.add(step.isTextual() ? step.textValue() : ""));
        if (!completions.isArray() || texts.isEmpty() || texts.contains("")) {
            throw new UserError(
                    "a process reward model scores lines of {\"prompt\":, \"completions\": [the steps, texts]}, but \"completions\" is "
                            + (completions.isMissingNode() ? "missing" : completions));
        }
        StepTokens.Encoded whole = steps.encode(texts).after(steps.prompt(text(row, "prompt")));
        return new Scorer.Sequence(where, whole.ids(), whole.ends());
    }

    /** @throws UserError that does not name the row */
    private int[] ids(JsonNode row) {
        List<String> present = new ArrayList<>(FORMS);
        present.removeIf(form -> !row.hasNonNull(form));
        if (present.size() != 1) {
            throw new UserError(
                    "the line has " + (present.isEmpty() ? "none of these" : present) + ", but " + EXPECTED);
        }
        int[] ids = switch (present.get(0)) {
            case "ids" -> numbers(row.get("ids"));
            case "text" -> tokens.text(text(row, "text"));
            case "prompt" -> tokens.joint(text(row, "prompt"), text(row, "completion"));
            default -> chat.conversation(messages(row.get("messages")));
        };
        if (ids.length == 0) {
            throw new UserError("there is no token to score: " + present.get(0) + " must not be empty");
        }
        return ids;
    }

    private static String text(JsonNode row, String key) {
        JsonNode value = row.path(key);
        if (!value.isTextual()) {
            throw new UserError(
                    "\"" + key + "\" must be a text, but is " + (value.isMissingNode() ? "missing" : value));
        }
        return value.textValue();
    }

    private static int[] numbers(JsonNode array) {
        int[] ids = new int[array.size()];
        for (int i = 0; i < ids.length; i++) {
            if (!array.get(i).isInt()) {
                throw new UserError("\"ids\" must be a list of token ids, but holds " + array.get(i));
            }
            ids[i] = array.get(i).intValue();
        }
        if (!array.isArray()) {
            throw new UserError("\"ids\" must be a list of token ids, but is " + array);
        }
        return ids;
    }

    private static List<ChatMessage> messages(JsonNode messages) {
        if (!messages.isArray() || messages.isEmpty()) {
            throw new UserError("messages must be a list of {\"role\":, \"content\":}, but is " + messages);
        }
        List<ChatMessage> list = new ArrayList<>();
        for (JsonNode message : messages) {
            if (!message.path("role").isTextual() || !message.path("content").isTextual()) {
                throw new UserError("a message must be {\"role\":, \"content\":}, but is " + message);
            }
            list.add(new ChatMessage(
                    message.get("role").textValue(), message.get("content").textValue()));
        }
        return list;
    }
}
