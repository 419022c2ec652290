package io.github.rlhf4j.tinker;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.GenerationRequest;
import io.github.rlhf4j.core.generation.LiveListener;
import io.github.rlhf4j.core.generation.LiveRequest;
import io.github.rlhf4j.core.generation.LogitChanges;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.generation.StopRule;
import io.github.rlhf4j.core.generation.TokenConstraint;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * A call of sample or compute_logprobs.
 *
 * @param prompt its tokens
 * @param samples wanted
 * @param options how tokens are chosen
 * @param stops texts that end a sample
 * @param random of its draws
 * @param reports what is told beside tokens
 */
@SuppressWarnings("ArrayRecordComponent") // identity is all that is asked of it
record SampleCall(
        int[] prompt, int samples, SamplingOptions options, List<String> stops, CounterRandom random, Reports reports) {
    /** Of one call. */
    static final int MOST_SAMPLES = 4096;

    /**
     * What is told beside tokens.
     *
     * @param prompt whether the prompt's log-probs are
     * @param lastOfPrompt of how many of its last tokens
     * @param topOfPrompt how many of the most likely tokens at each place of the prompt
     * @param topOfSamples at each place of a sample
     */
    record Reports(boolean prompt, int lastOfPrompt, int topOfPrompt, int topOfSamples) {
        private static final int MOST_TOP = 1000;

        static Reports read(JsonNode request, int promptLength) {
            boolean prompt = request.path("prompt_logprobs").asBoolean(false);
            int top = whole(request, "topk_prompt_logprobs", 0, 0, MOST_TOP);
            int last = whole(request, "prompt_logprobs_last_n", promptLength, 1, Integer.MAX_VALUE);
            return new Reports(prompt || top > 0, last, top, whole(request, "topk_sample_logprobs", 0, 0, MOST_TOP));
        }
    }

    /**
     * Reads the SDK's request.
     *
     * @param unseeded of a request without a seed
     */
    static SampleCall read(JsonNode request, BaseModel base, CounterRandom unseeded) {
        refuse(request, "target_prompt_logprobs");
        refuse(request, "record_stability_info");
        if (whole(request, "prompt_alt_tokens_k", 0, 0, Integer.MAX_VALUE) > 0) {
            throw new UserError("prompt_alt_tokens_k is not supported");
        }
        int[] prompt = tokens(request.path("prompt"));
        JsonNode given = request.path("sampling_params");
        JsonNode seed = given.path("seed");
        return new SampleCall(
                prompt,
                whole(request, "num_samples", 1, 1, MOST_SAMPLES),
                options(given, base, prompt.length),
                stops(given.path("stop")),
                seed.isIntegralNumber() ? CounterRandom.of(seed.asLong()).derive("request") : unseeded,
                Reports.read(request, prompt.length));
    }

    private static void refuse(JsonNode request, String name) {
        JsonNode value = request.path(name);
        if (!value.isMissingNode() && !value.isNull() && !(value.isBoolean() && !value.asBoolean())) {
            throw new UserError(name + " is not supported");
        }
    }

    /** Of a ModelInput. */
    static int[] tokens(JsonNode input) {
        List<Integer> tokens = new ArrayList<>();
        for (JsonNode chunk : input.path("chunks")) {
            if (!chunk.path("type").asText("encoded_text").equals("encoded_text")) {
                throw new UserError("the prompt must be tokens alone: images and sounds are not supported");
            }
            chunk.path("tokens").forEach(token -> tokens.add(token.asInt(-1)));
        }
        if (tokens.isEmpty()) {
            throw new UserError("the prompt has no tokens");
        }
        return tokens.stream().mapToInt(Integer::intValue).toArray();
    }

    private static SamplingOptions options(JsonNode given, BaseModel base, int promptLength) {
        double temperature = number(given, "temperature", 1);
        double topP = number(given, "top_p", 1);
        int topK = whole(given, "top_k", -1, -1, Integer.MAX_VALUE);
        int room = Math.max(1, base.transformer().config().maxPositions() - promptLength);
        int most = whole(given, "max_tokens", room, 1, Integer.MAX_VALUE);
        JsonNode stop = given.path("stop");
        int[] ids = stop.isMissingNode() || stop.isNull() ? base.tokenizer().stopIds() : ids(stop);
        boolean greedy = temperature < 1e-5;
        return new SamplingOptions(
                greedy, greedy ? 1 : temperature, topP, Math.max(0, topK), 0, 1, Math.min(most, room), ids, false);
    }

    private static int[] ids(JsonNode stop) {
        List<Integer> ids = new ArrayList<>();
        if (stop.isArray()) {
            for (JsonNode one : stop) {
                if (one.isIntegralNumber()) {
                    ids.add(one.asInt());
                }
            }
        }
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    private static List<String> stops(JsonNode stop) {
        List<String> texts = new ArrayList<>();
        if (stop.isTextual()) {
            texts.add(stop.asText());
        } else {
            for (JsonNode one : stop) {
                if (one.isTextual()) {
                    texts.add(one.asText());
                } else if (!one.isIntegralNumber()) {
                    throw new UserError("sampling_params.stop must be texts or token ids, but has " + one);
                }
            }
        }
        if (texts.contains("")) {
            throw new UserError("sampling_params.stop must have no empty text");
        }
        return texts;
    }

    private static double number(JsonNode json, String name, double missing) {
        JsonNode value = json.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return missing;
        }
        if (!value.isNumber() || !(value.asDouble() >= 0)) {
            throw new UserError(name + " must be a number >= 0, but is " + value);
        }
        return value.asDouble();
    }

    private static int whole(JsonNode json, String name, int missing, int least, int most) {
        JsonNode value = json.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return missing;
        }
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.asInt() < least || value.asInt() > most) {
            throw new UserError(name + " must be a whole number in " + least + " .. " + most + ", but is " + value);
        }
        return value.asInt();
    }

    /** For the batch: some samples each, the first of which reads the prompt. */
    List<LiveRequest> requests(Tokenizer tokenizer, IntFunction<LiveListener> listeners) {
        List<LiveRequest> all = new ArrayList<>();
        StopRule rule = stops.isEmpty() ? StopRule.NEVER : new StopText(stops, tokenizer, prompt);
        int top = Math.max(reports.topOfPrompt(), reports.topOfSamples());
        for (int first = 0; first < samples; first += TinkerSettings.SAMPLES_TOGETHER) {
            int count = Math.min(TinkerSettings.SAMPLES_TOGETHER, samples - first);
            GenerationRequest request =
                    new GenerationRequest(prompt, count, random.derive(first), rule, TokenConstraint.NONE);
            all.add(new LiveRequest(
                    request,
                    options.withTopLogProbs(top),
                    LogitChanges.NONE,
                    true,
                    first == 0 && reports.prompt(),
                    listeners.apply(first)));
        }
        return all;
    }
}
