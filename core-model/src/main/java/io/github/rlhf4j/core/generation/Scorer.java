package io.github.rlhf4j.core.generation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.model.ForwardRequest;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Outputs;
import io.github.rlhf4j.core.model.PackedBatch;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * Scores lines of JSON, in order, a batch of tokens at a time, in constant memory.
 *
 * <p>A line is {@code {"ids": [...]}}, taken as they are; {@code {"text":}}, by the tokenizer's own rule; {@code {"prompt":, "completion":}}, as one text with an end token; or
 * {@code {"messages": [...]}}. A line comes back for each: {@code {"ids": [...], "log_probs": [one for each id after the first]}} from a language model, nats;
 * {@code {"ids": [...], "score": x}} from a model with a scalar head, read at the last token.
 */
public final class Scorer {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Transformer model;
    private final Tokenizer tokenizer;
    private final ScoringInput input;
    private final int batchTokens;
    private final DoubleUnaryOperator scale;
    private final Outputs outputs = new Outputs();

    /**
     * @param tokenizer the model's own
     * @param messages for lines of messages
     * @param batchTokens tokens of one forward pass, unless one line has more
     * @param scale what a raw score is written as
     */
    public Scorer(
            Transformer model,
            Tokenizer tokenizer,
            MessageTokens messages,
            int batchTokens,
            DoubleUnaryOperator scale) {
        this.model = model;
        this.tokenizer = tokenizer;
        this.input = new ScoringInput(tokenizer, messages);
        this.batchTokens = batchTokens;
        this.scale = scale;
    }

    /**
     * A line to score.
     *
     * @param where it was read, for messages
     */
    public record Line(String where, JsonNode row) {}

    private record Waiting(String where, int[] ids) {}

    /**
     * Scores all lines; lines of a later batch are read after those of an earlier one have been written.
     *
     * @return what they add up to
     * @throws UserError that names the line which cannot be scored: not one of the forms, longer than the model's context, with an id outside its vocabulary, or with a result that is not finite
     */
    public ScoreSummary score(Iterator<Line> lines, Writer out) throws IOException {
        ScoreSummary summary = new ScoreSummary(tokenizer);
        List<Waiting> batch = new ArrayList<>();
        int tokens = 0;
        while (lines.hasNext()) {
            Line line = lines.next();
            int[] ids = ids(line);
            if (!batch.isEmpty() && tokens + ids.length > batchTokens) {
                write(batch, out, summary);
                batch.clear();
                tokens = 0;
            }
            batch.add(new Waiting(line.where(), ids));
            tokens += ids.length;
        }
        if (!batch.isEmpty()) {
            write(batch, out, summary);
        }
        return summary;
    }

    private int[] ids(Line line) {
        String where = line.where();
        try {
            int[] ids = input.ids(line.row());
            model.config().checkFits(ids, where);
            return ids;
        } catch (UserError e) {
            String message = String.valueOf(e.getMessage());
            throw message.startsWith(where) ? e : new UserError(where + ": " + message, e);
        }
    }

    private void write(List<Waiting> batch, Writer out, ScoreSummary summary) throws IOException {
        boolean scalar = model.heads().contains(Head.SCALAR);
        PackedBatch packed = PackedBatch.ofSingles(batch.stream()
                .map(Waiting::ids)
                .map(ids -> scalar ? TokenSequence.scoredAtEnd(ids) : TokenSequence.all(ids))
                .toList());
        model.forward(packed, scalar ? ForwardRequest.scores() : ForwardRequest.logProbs(), outputs);
        for (int sequence = 0; sequence < batch.size(); sequence++) {
            Waiting line = batch.get(sequence);
            ObjectNode row = MAPPER.createObjectNode();
            ArrayNode ids = row.putArray("ids");
            for (int id : line.ids()) {
                ids.add(id);
            }
            if (scalar) {
                double score = finite(scale.applyAsDouble(outputs.scalars()[packed.scalarIndex(sequence, 0)]), line);
                row.put("score", score);
                summary.addScore(score);
            } else {
                double[] logProbs = logProbs(packed, sequence, line);
                ArrayNode array = row.putArray("log_probs");
                for (double logProb : logProbs) {
                    array.add(logProb);
                }
                summary.addLogProbs(line.ids(), logProbs);
            }
            out.write(row + "\n");
        }
        out.flush();
    }

    private double[] logProbs(PackedBatch packed, int sequence, Waiting line) {
        double[] logProbs = new double[packed.targets(sequence)];
        for (int j = 0; j < logProbs.length; j++) {
            logProbs[j] = finite(outputs.logProbs()[packed.targetIndex(sequence, j)], line);
        }
        return logProbs;
    }

    private double finite(double value, Waiting line) {
        if (Double.isFinite(value)) {
            return value;
        }
        UserError why = model.notFinite();
        throw new UserError(line.where() + ": the result is " + value + ": " + why.getMessage(), why);
    }
}
