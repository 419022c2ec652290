package io.github.rlhf4j.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.LogitChanges;
import io.github.rlhf4j.core.generation.SamplingOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * How a request wants its tokens chosen: OpenAI's fields, and vLLM's extensions.
 *
 * @param maxTokens as it was asked for; empty for what the interface does then
 * @param seed of the request; empty: the server numbers requests
 * @param stop texts that end a continuation
 */
record Sampling(
        boolean greedy,
        double temperature,
        double topP,
        int topK,
        double minP,
        double repetitionPenalty,
        LogitChanges changes,
        Optional<Integer> maxTokens,
        int samples,
        Optional<Long> seed,
        List<String> stop,
        List<Integer> stopIds,
        boolean ignoresEnd) {
    private static final int MOST = Integer.MAX_VALUE;
    private static final int MOST_STOPS = 64;

    /** Reads them. */
    static Sampling of(Fields fields, int mostSamples, int vocabulary) {
        double temperature = fields.number("temperature", 1, 0, 100);
        double topP = fields.number("top_p", 1, 0, 1);
        if (topP == 0) {
            throw fields.error("top_p", "must be in (0, 1], but is 0");
        }
        int topK = fields.count("top_k", 0, -1, MOST);
        double minP = fields.number("min_p", 0, 0, 1);
        double repetition = fields.number("repetition_penalty", 1, 0, 100);
        fields.refuse("best_of", "is not supported: ask for n and choose", IntNode.valueOf(1));
        fields.refuse("use_beam_search", "is not supported", BooleanNode.FALSE);
        fields.refuse("min_tokens", "is not supported", IntNode.valueOf(0));
        fields.refuse(
                "length_penalty",
                "belongs to beam search, which is not supported",
                DoubleNode.valueOf(1),
                IntNode.valueOf(1));
        fields.refuse("include_stop_str_in_output", "is not supported", BooleanNode.FALSE);
        fields.refuse("skip_special_tokens", "must be true: they are in no text", BooleanNode.TRUE);
        List<String> stop = fields.texts("stop");
        if (stop.contains("") || stop.size() > MOST_STOPS) {
            throw fields.error("stop", "must be at most " + MOST_STOPS + " texts of at least one character");
        }
        try {
            return new Sampling(
                            temperature < 1e-5,
                            temperature < 1e-5 ? 1 : temperature,
                            topP,
                            Math.max(0, topK),
                            minP,
                            repetition,
                            changes(fields, vocabulary),
                            maxTokens(fields),
                            fields.count("n", 1, 1, mostSamples),
                            fields.whole("seed", Long.MIN_VALUE, Long.MAX_VALUE),
                            stop,
                            ids(fields, vocabulary),
                            fields.flag("ignore_eos", false))
                    .checked();
        } catch (UserError e) {
            throw new ApiError(400, String.valueOf(e.getMessage()), "", "");
        }
    }

    private Sampling checked() {
        options(1, new int[0], 0);
        return this;
    }

    private static Optional<Integer> maxTokens(Fields fields) {
        Optional<Long> newer = fields.whole("max_completion_tokens", 0, MOST);
        Optional<Long> older = fields.whole("max_tokens", 0, MOST);
        return newer.or(() -> older).map(Long::intValue);
    }

    private static LogitChanges changes(Fields fields, int vocabulary) {
        Map<Integer, Float> bias = new TreeMap<>();
        fields.get("logit_bias")
                .ifPresent(json -> json.properties().forEach(entry -> {
                    int id = id(fields, "logit_bias", entry.getKey(), vocabulary);
                    if (!entry.getValue().isNumber()) {
                        throw fields.error("logit_bias", "must be numbers by token id");
                    }
                    bias.put(id, entry.getValue().floatValue());
                }));
        return new LogitChanges(
                bias, fields.number("presence_penalty", 0, -2, 2), fields.number("frequency_penalty", 0, -2, 2));
    }

    private static int id(Fields fields, String name, String text, int vocabulary) {
        try {
            int id = Integer.parseInt(text);
            if (id >= 0 && id < vocabulary) {
                return id;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw fields.error(name, "must name tokens by ids in 0 .. " + (vocabulary - 1) + ", but has \"" + text + "\"");
    }

    private static List<Integer> ids(Fields fields, int vocabulary) {
        List<Integer> ids = new ArrayList<>();
        fields.get("stop_token_ids").ifPresent(json -> {
            for (JsonNode one : json) {
                ids.add(id(fields, "stop_token_ids", one.asText(), vocabulary));
            }
        });
        return ids;
    }

    /** For the batch. */
    SamplingOptions options(int maxNew, int[] endIds, int topLogProbs) {
        int[] ends = ignoresEnd ? new int[0] : endIds;
        int[] all = IntStream.concat(IntStream.of(ends), stopIds.stream().mapToInt(Integer::intValue))
                .distinct()
                .toArray();
        return new SamplingOptions(greedy, temperature, topP, topK, minP, repetitionPenalty, maxNew, all, false)
                .withTopLogProbs(topLogProbs);
    }
}
