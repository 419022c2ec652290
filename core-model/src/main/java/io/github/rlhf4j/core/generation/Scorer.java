package io.github.rlhf4j.core.generation;

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
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * Scores lines of JSON, in order, a batch of tokens at a time, in constant memory.
 *
 * <p>A line is {@code {"ids": [...]}}, taken as they are; {@code {"text":}}, by the tokenizer's own rule; {@code {"prompt":, "completion":}}, as one text with an end token; or
 * {@code {"messages": [...]}}. A line comes back for each: {@code {"ids": [...], "log_probs": [one for each id after the first]}} from a language model, nats;
 * {@code {"ids": [...], "score": x}} from a model with a scalar head, read at the last token. Blank lines are passed over.
 */
public final class Scorer {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Transformer model;
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
        this.input = new ScoringInput(tokenizer, messages);
        this.batchTokens = batchTokens;
        this.scale = scale;
    }

    /**
     * Scores all lines; lines of a later batch are read after those of an earlier one have been written.
     *
     * @param name of the input, for messages
     * @return how many lines were scored
     * @throws UserError that names the line which cannot be scored: not one of the forms, longer than the model's context, or with an id outside its vocabulary
     */
    public long score(BufferedReader lines, String name, Writer out) throws IOException {
        List<int[]> batch = new ArrayList<>();
        int tokens = 0;
        long scored = 0;
        long number = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            int[] ids = ids(line, name + " line " + number);
            if (!batch.isEmpty() && tokens + ids.length > batchTokens) {
                write(batch, out);
                batch.clear();
                tokens = 0;
            }
            batch.add(ids);
            tokens += ids.length;
            scored++;
        }
        if (!batch.isEmpty()) {
            write(batch, out);
        }
        return scored;
    }

    private int[] ids(String line, String where) {
        try {
            int[] ids = input.ids(line);
            model.config().checkFits(ids, where);
            return ids;
        } catch (UserError e) {
            String message = String.valueOf(e.getMessage());
            throw message.startsWith(where) ? e : new UserError(where + ": " + message, e);
        }
    }

    private void write(List<int[]> batch, Writer out) throws IOException {
        boolean scalar = model.heads().contains(Head.SCALAR);
        PackedBatch packed = PackedBatch.ofSingles(batch.stream()
                .map(ids -> scalar ? TokenSequence.scoredAtEnd(ids) : TokenSequence.all(ids))
                .toList());
        model.forward(packed, scalar ? ForwardRequest.scores() : ForwardRequest.logProbs(), outputs);
        for (int sequence = 0; sequence < batch.size(); sequence++) {
            ObjectNode row = MAPPER.createObjectNode();
            ArrayNode ids = row.putArray("ids");
            for (int id : batch.get(sequence)) {
                ids.add(id);
            }
            if (scalar) {
                row.put("score", scale.applyAsDouble(outputs.reads()[packed.readIndex(sequence, 0)]));
            } else {
                addLogProbs(row.putArray("log_probs"), packed, sequence);
            }
            out.write(row + "\n");
        }
        out.flush();
    }

    private void addLogProbs(ArrayNode logProbs, PackedBatch packed, int sequence) {
        for (int j = 0; j < packed.targets(sequence); j++) {
            logProbs.add(outputs.logProbs()[packed.targetIndex(sequence, j)]);
        }
    }
}
