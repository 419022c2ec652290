package io.github.rlhf4j.judge;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.http.Endpoint;
import io.github.rlhf4j.http.HttpSettings;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * A model behind an OpenAI-compatible server (/v1/chat/completions): OpenAI's own, vLLM, llama.cpp, Ollama and others.
 *
 * @param url the base URL, as the clients' {@code base_url}: http://localhost:8000/v1. /chat/completions is added where it is not there
 * @param model the model's name there
 * @param apiKey where the API key is
 * @param temperature of sampling; absent: 0 for judges
 * @param maxTokens longest answer in tokens; absent: what a verdict needs
 * @param logprobs whether the server is asked for log-probabilities, so that a verdict is a probability; absent: true. Where it gives none the answer's text is read
 * @param timeout seconds of one attempt; absent: 60
 * @param maxRetries attempts after the first; absent: 4
 * @param parallel requests under way at once; absent: 8
 * @param extraBody further keys of the request's body, such as {seed: 1}
 */
public record OpenAiConfig(
        String url,
        String model,
        ApiKeyConfig apiKey,
        OptionalDouble temperature,
        OptionalInt maxTokens,
        Optional<Boolean> logprobs,
        OptionalDouble timeout,
        OptionalInt maxRetries,
        OptionalInt parallel,
        Optional<JsonNode> extraBody) {
    private static final String COMPLETIONS = "/chat/completions";
    private static final int MOST_PARALLEL = 256;
    private static final int MOST_RETRIES = 100;
    private static final double LONGEST = 86_400; // seconds

    public OpenAiConfig {
        Endpoint.of("url", url);
        checkConfig(!model.isBlank(), "model", model, "must name a model of the server");
        double hot = temperature.orElse(0);
        checkConfig(hot >= 0 && Double.isFinite(hot), "temperature", hot, "must be finite and >= 0");
        checkConfig(maxTokens.orElse(1) >= 1, "max_tokens", maxTokens.orElse(1), "must be >= 1");
        double seconds = timeout.orElse(1);
        checkConfig(seconds > 0 && seconds <= LONGEST, "timeout", seconds, "must be > 0 and at most 86400 (seconds)");
        int retries = maxRetries.orElse(0);
        checkConfig(retries >= 0 && retries <= MOST_RETRIES, "max_retries", retries, "must be in 0 .. " + MOST_RETRIES);
        int atOnce = parallel.orElse(1);
        checkConfig(atOnce >= 1 && atOnce <= MOST_PARALLEL, "parallel", atOnce, "must be in 1 .. " + MOST_PARALLEL);
        checkConfig(
                extraBody.isEmpty() || extraBody.get().isObject(),
                "extra_body",
                extraBody.map(JsonNode::toString).orElse(""),
                "must be a map");
    }

    /** A server and a model, all else by default. */
    public static OpenAiConfig of(String url, String model) {
        return new OpenAiConfig(
                url,
                model,
                ApiKeyConfig.NONE,
                OptionalDouble.empty(),
                OptionalInt.empty(),
                Optional.empty(),
                OptionalDouble.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                Optional.empty());
    }

    /**
     * Before a run.
     *
     * @param key of the run file that names this
     * @throws UserError where the API key is not there, or where others may read its file
     */
    public void check(String key) {
        endpoint(key); // refuses what cannot be a key
    }

    /**
     * Where questions are posted, with the API key.
     *
     * @param key of the run file that names this, for messages
     */
    Endpoint endpoint(String key) {
        return apiKey.read(key)
                .map(secret -> address().with("Authorization", "Bearer " + secret))
                .orElseGet(this::address);
    }

    /** Where questions are posted, without a key. */
    Endpoint address() {
        String base = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
        String path = base.replaceFirst("^[a-zA-Z]+://[^/]*", "");
        String whole =
                base.endsWith(COMPLETIONS) ? base : path.isEmpty() ? base + "/v1" + COMPLETIONS : base + COMPLETIONS;
        return Endpoint.of("url", whole);
    }

    /** How patiently. */
    HttpSettings settings() {
        HttpSettings settings = HttpSettings.DEFAULT;
        return settings.withTimeout(
                        timeout.isPresent()
                                ? Duration.ofMillis(Math.max(1, Math.round(1000 * timeout.getAsDouble())))
                                : settings.timeout())
                .withAttempts(maxRetries.isPresent() ? 1 + maxRetries.getAsInt() : settings.attempts())
                .withParallel(parallel.orElse(settings.parallel()));
    }
}
