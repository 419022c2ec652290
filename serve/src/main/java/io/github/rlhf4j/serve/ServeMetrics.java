package io.github.rlhf4j.serve;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/** What has been served, in Prometheus' text format. */
final class ServeMetrics {
    private final Map<String, LongAdder> requests = new ConcurrentSkipListMap<>(); // by labels
    private final LongAdder promptTokens = new LongAdder();
    private final LongAdder cachedTokens = new LongAdder();
    private final LongAdder newTokens = new LongAdder();
    private final Timing firstToken = new Timing();
    private final Timing whole = new Timing();

    /** A sum of times with their number. */
    private static final class Timing {
        private final LongAdder nanos = new LongAdder();
        private final LongAdder count = new LongAdder();

        void add(long value) {
            nanos.add(value);
            count.increment();
        }
    }

    void request(String endpoint, int status) {
        requests.computeIfAbsent("endpoint=\"" + endpoint + "\",status=\"" + status + "\"", key -> new LongAdder())
                .increment();
    }

    void prompt(long tokens) {
        promptTokens.add(tokens);
    }

    void cached(long tokens) {
        cachedTokens.add(tokens);
    }

    void tokens(long count) {
        newTokens.add(count);
    }

    void firstToken(long nanos) {
        firstToken.add(nanos);
    }

    void whole(long nanos) {
        whole.add(nanos);
    }

    String text(BatchLoop.State state) {
        StringBuilder text = new StringBuilder();
        head(text, "requests_total", "counter", "Requests answered, by endpoint and status.");
        requests.forEach((labels, count) -> text.append("rlhf4j_requests_total{")
                .append(labels)
                .append("} ")
                .append(count.sum())
                .append('\n'));
        value(text, "prompt_tokens_total", "counter", "Tokens of prompts.", promptTokens.sum());
        value(
                text,
                "cached_prompt_tokens_total",
                "counter",
                "Tokens of prompts that earlier requests had computed.",
                cachedTokens.sum());
        value(text, "generation_tokens_total", "counter", "Tokens written.", newTokens.sum());
        value(text, "sequences_running", "gauge", "Sequences in the batch.", state.running());
        value(text, "requests_waiting", "gauge", "Prompts that wait for a place in the batch.", state.waiting());
        value(
                text,
                "cache_use_ratio",
                "gauge",
                "Part of the cache of keys and values that is taken.",
                state.cacheUse());
        timing(text, "time_to_first_token_seconds", "From a request to its first token.", firstToken);
        timing(text, "request_seconds", "From a request to the end of its answer.", whole);
        return text.toString();
    }

    private static void head(StringBuilder text, String name, String type, String meaning) {
        text.append("# HELP rlhf4j_").append(name).append(' ').append(meaning).append('\n');
        text.append("# TYPE rlhf4j_").append(name).append(' ').append(type).append('\n');
    }

    private static void value(StringBuilder text, String name, String type, String meaning, Number value) {
        head(text, name, type, meaning);
        text.append("rlhf4j_").append(name).append(' ').append(value).append('\n');
    }

    private static void timing(StringBuilder text, String name, String meaning, Timing timing) {
        head(text, name, "summary", meaning);
        text.append("rlhf4j_")
                .append(name)
                .append("_sum ")
                .append(timing.nanos.sum() / 1e9)
                .append('\n');
        text.append("rlhf4j_")
                .append(name)
                .append("_count ")
                .append(timing.count.sum())
                .append('\n');
    }
}
