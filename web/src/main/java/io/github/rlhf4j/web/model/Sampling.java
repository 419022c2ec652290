package io.github.rlhf4j.web.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.GenerationOptions;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.web.Json;

/** The controls of sampling as JSON, with the names and defaults of the command {@code generate}. */
public final class Sampling {
    private Sampling() {}

    /**
     * Reads greedy, temperature, top_p, top_k, min_p, repetition_penalty, max_new_tokens, seed and stop (a list of texts).
     *
     * @throws UserError naming what is no number or out of range
     */
    public static GenerationOptions options(JsonNode node) {
        GenerationOptions absent = GenerationOptions.DEFAULT;
        GenerationOptions.Builder builder = GenerationOptions.builder();
        builder.greedy(node.path("greedy").asBoolean())
                .temperature(number(node, "temperature", absent.temperature()))
                .topP(number(node, "top_p", absent.topP()))
                .topK((int) whole(node, "top_k", absent.topK(), Integer.MAX_VALUE))
                .minP(number(node, "min_p", absent.minP()))
                .repetitionPenalty(number(node, "repetition_penalty", absent.repetitionPenalty()))
                .maxNewTokens((int) whole(node, "max_new_tokens", absent.maxNewTokens(), Integer.MAX_VALUE))
                .seed(whole(node, "seed", absent.seed(), Long.MAX_VALUE));
        if (node.path("stop").isArray()) {
            String[] stop = new String[node.path("stop").size()];
            for (int i = 0; i < stop.length; i++) {
                stop[i] = node.path("stop").get(i).asText();
            }
            builder.stop(stop);
        }
        return builder.build();
    }

    private static double number(JsonNode node, String name, double absent) {
        JsonNode value = node.path(name);
        if (value.isMissingNode() || value.isNull() || value.asText().isBlank()) {
            return absent;
        }
        try {
            return Double.parseDouble(value.asText());
        } catch (NumberFormatException e) {
            throw new UserError(name + " must be a number, but is " + value.asText(), e);
        }
    }

    private static long whole(JsonNode node, String name, long absent, long most) {
        double value = number(node, name, absent);
        if (value != Math.rint(value) || Math.abs(value) > most) {
            throw new UserError(
                    name + " must be a whole number, but is " + node.path(name).asText());
        }
        return (long) value;
    }

    /** All of them, as {@link #options} reads them. */
    public static ObjectNode json(GenerationOptions options) {
        ObjectNode node = Json.object()
                .put("greedy", options.greedy())
                .put("temperature", options.temperature())
                .put("top_p", options.topP())
                .put("top_k", options.topK())
                .put("min_p", options.minP())
                .put("repetition_penalty", options.repetitionPenalty())
                .put("max_new_tokens", options.maxNewTokens())
                .put("seed", options.seed());
        node.set("stop", Json.texts(options.stop()));
        return node;
    }
}
