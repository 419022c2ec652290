package io.github.rlhf4j.plan;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** Reads the feed-forward part of each layer of a config.json. */
final class FeedForwardReader {
    private final ConfigKeys keys;
    private final JsonNode rules;
    private final JsonNode experts;
    private final long hidden;
    private final boolean gated;

    FeedForwardReader(ConfigKeys keys, long hidden) {
        this.keys = keys;
        this.rules = keys.rules();
        this.experts = rules.path("experts");
        this.hidden = hidden;
        gated = rules.path("gated").asBoolean(true);
    }

    FeedForwardShape of(int layer) {
        return experts.isObject() && isOfExperts(layer) ? experts() : dense();
    }

    private boolean isOfExperts(int layer) {
        if (experts.has("dense_first")) {
            return layer >= keys.count(experts.get("dense_first").asText(), 0);
        }
        long every = Math.max(1, keys.count("decoder_sparse_step", 1));
        return !keys.list("mlp_only_layers").contains(String.valueOf(layer)) && (layer + 1) % every == 0;
    }

    private FeedForwardShape dense() {
        long inner = inner();
        boolean bias = keys.isOn(rules.path("biases").path(2));
        long biases = bias ? (gated ? 2 : 1) * inner + hidden : 0;
        return new FeedForwardShape(products(inner), biases, 0, 0, List.of(), 0, inner, gated);
    }

    private long inner() {
        long derived = rules.path("inner_times").asLong() * hidden;
        if (rules.path("inner_fixed").asBoolean()) {
            return derived;
        }
        return derived > 0 ? keys.size("intermediate_size", derived) : keys.size("intermediate_size");
    }

    private List<Product> products(long inner) {
        if (rules.path("fused").asText().equals("all")) {
            return List.of(new Product(hidden, 2 * inner), new Product(inner, hidden));
        }
        Product in = new Product(hidden, inner);
        Product out = new Product(inner, hidden);
        return gated ? List.of(in, in, out) : List.of(in, out);
    }

    private FeedForwardShape experts() {
        long count = expertCount();
        long chosen = keys.size(experts.path("per_token").asText(), 1);
        if (chosen > count) {
            throw keys.wrong(experts.path("per_token").asText() + " is " + chosen
                    + ", but must be at most the number of experts, " + count);
        }
        long inner = keys.size(experts.path("inner").asText(), 0);
        if (inner == 0) {
            inner = inner();
        }
        boolean bias = experts.path("bias").asBoolean();
        List<Product> always = new ArrayList<>(List.of(new Product(hidden, count)));
        long shared = shared(inner);
        if (shared > 0) {
            always.addAll(products(shared));
        }
        if (experts.path("shared_gate").asBoolean()) {
            always.add(new Product(hidden, 1));
        }
        return new FeedForwardShape(
                always,
                bias ? count : 0,
                count,
                chosen,
                products(inner),
                bias ? 2 * inner + hidden : 0,
                chosen * inner + shared,
                gated);
    }

    /** The first of the names of the number of experts that the file has, else the default of the first. */
    private long expertCount() {
        JsonNode names = experts.path("count");
        for (JsonNode name : names) {
            if (keys.isGiven(name.asText())) {
                return keys.size(name.asText());
            }
        }
        return keys.size(names.isArray() ? names.path(0).asText() : names.asText(), 1);
    }

    private long shared(long inner) {
        if (experts.has("shared")) {
            return keys.size(experts.get("shared").asText(), 0);
        }
        return experts.has("shared_times")
                ? inner * keys.count(experts.get("shared_times").asText(), 0)
                : 0;
    }
}
