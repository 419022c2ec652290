package io.github.rlhf4j.cli;

import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.rlhf4j.GenerationOptions;
import io.github.rlhf4j.core.generation.BeamOptions;
import io.github.rlhf4j.core.generation.Generated;
import io.github.rlhf4j.core.generation.TopTokens;
import io.github.rlhf4j.core.tokenizer.TokenTexts;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.datasets.Prompt;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Samples as lines of JSON. */
final class SampleLines {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
            .build();

    private final Tokenizer tokenizer;
    private final Optional<BeamOptions> beams;
    private final byte[][] tokenBytes; // empty where no log-probs are asked for

    SampleLines(Tokenizer tokenizer, GenerationOptions options) {
        this.tokenizer = tokenizer;
        this.beams = options.beams();
        this.tokenBytes = options.logprobs() > 0 ? TokenTexts.of(tokenizer).within() : new byte[0][];
    }

    BiConsumer<Prompt, Selector.Chosen> into(OutputStream out) {
        return (prompt, chosen) -> {
            try {
                out.write((MAPPER.writeValueAsString(line(prompt, chosen)) + "\n").getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }

    private Map<String, Object> line(Prompt prompt, Selector.Chosen chosen) {
        Generated tokens = chosen.sample().tokens();
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("prompt", prompt.promptKey());
        line.put("text", chosen.sample().text());
        line.put("ids", tokens.ids());
        line.put("log_probs", floats(tokens.logProbs()));
        line.put("finish_reason", tokens.finishReason().text());
        if (tokenBytes.length > 0) {
            line.put("logprobs", Map.of("content", content(tokens)));
        }
        beams.ifPresent(options -> line.put("sequence_score", (float)
                options.score(Arrays.stream(tokens.logProbs()).sum(), tokens.ids().length)));
        chosen.score().ifPresent(score -> line.put("score", (float) score));
        chosen.consistency().ifPresent(all -> {
            line.put("answer", chosen.answer().orElse(null));
            line.put("agreement", all.agreement());
            line.put("distinct", all.distinct());
            line.put("entropy", all.entropy());
            line.put(
                    "answers",
                    all.answers().stream().map(answer -> answer.orElse(null)).toArray());
        });
        return line;
    }

    /** They are in single precision, and written so. */
    private static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    /** In the form of OpenAI's chat completions. */
    private List<Map<String, Object>> content(Generated tokens) {
        List<Map<String, Object>> content = new ArrayList<>();
        for (int i = 0; i < tokens.ids().length; i++) {
            Map<String, Object> place = token(tokens.ids()[i], (float) tokens.logProbs()[i]);
            List<Map<String, Object>> likely = new ArrayList<>();
            TopTokens top = tokens.top().get(i);
            for (int k = 0; k < top.ids().length; k++) {
                likely.add(token(top.ids()[k], top.logProbs()[k]));
            }
            place.put("top_logprobs", likely);
            content.add(place);
        }
        return content;
    }

    private Map<String, Object> token(int id, float logProb) {
        byte[] bytes = id < tokenBytes.length ? tokenBytes[id] : new byte[0];
        Map<String, Object> token = new LinkedHashMap<>();
        boolean isText = bytes.length > 0;
        token.put(
                "token",
                isText
                        ? new String(bytes, StandardCharsets.UTF_8)
                        : id < tokenizer.vocabSize() ? tokenizer.token(id) : "");
        token.put("logprob", logProb);
        int[] values = new int[bytes.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = bytes[i] & 0xFF;
        }
        token.put("bytes", isText ? values : null);
        return token;
    }
}
