package io.github.rlhf4j.plan;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Reads the attention of a config.json. */
final class AttentionReader {
    private final ConfigKeys keys;
    private final JsonNode rules;
    private final long hidden;
    private final long heads;
    private final long headDim;
    private final long keyValueHeads;

    AttentionReader(ConfigKeys keys, long hidden) {
        this.keys = keys;
        this.rules = keys.rules();
        this.hidden = hidden;
        heads = keys.size("num_attention_heads");
        headDim = keys.size("head_dim", Math.max(1, hidden / heads));
        boolean one = keys.isOnOr("one_key_value_head_if", false) && !keys.isOnOr("one_key_value_head_unless", false);
        keyValueHeads = one ? 1 : keyValueHeads();
        if (heads % keyValueHeads != 0) {
            throw keys.wrong("num_attention_heads is " + heads + ", but must be a multiple of num_key_value_heads, "
                    + keyValueHeads);
        }
    }

    /** Falcon's own number counts in its new form alone. */
    private long keyValueHeads() {
        boolean unread = rules.has("one_key_value_head_unless") && !keys.isOnOr("one_key_value_head_unless", false);
        return unread ? heads : keys.size("num_key_value_heads", heads);
    }

    AttentionShape of(long window) {
        return rules.path("latent").asBoolean() ? latent(window) : usual(window);
    }

    private AttentionShape usual(long window) {
        long query = heads * headDim;
        long keyValue = keyValueHeads * headDim;
        long biases = (keys.isOn(rules.path("biases").path(0)) ? query + 2 * keyValue : 0)
                + (keys.isOn(rules.path("biases").path(1)) ? hidden : 0)
                + (rules.path("sinks").asBoolean() ? heads : 0);
        List<Product> products = new ArrayList<>(
                rules.has("fused")
                        ? List.of(new Product(hidden, query + 2 * keyValue))
                        : List.of(
                                new Product(hidden, query),
                                new Product(hidden, keyValue),
                                new Product(hidden, keyValue)));
        if (rules.path("relative_positions").asBoolean()) {
            products.add(new Product(hidden, query));
        }
        products.add(new Product(query, hidden));
        return new AttentionShape(products, biases, heads, headDim, headDim, 2 * keyValue, window);
    }

    /** DeepSeek's: queries and keys with values are made from narrow rows, and the latter are what is cached. */
    private AttentionShape latent(long window) {
        long rotated = keys.size("qk_rope_head_dim", 0);
        long keyDim = keys.size("qk_nope_head_dim", 0) + rotated;
        long valueDim = keys.size("v_head_dim", 0);
        long narrow = keys.size("kv_lora_rank", 0);
        long query = queryRank();
        boolean bias = keys.isOn(rules.path("biases").path(0));
        List<Product> queries = query == 0
                ? List.of(new Product(hidden, heads * keyDim))
                : List.of(new Product(hidden, query), new Product(query, heads * keyDim));
        List<Product> others = List.of(
                new Product(hidden, narrow + rotated),
                new Product(narrow, heads * (keyDim - rotated + valueDim)),
                new Product(heads * valueDim, hidden));
        return new AttentionShape(
                Stream.concat(queries.stream(), others.stream()).toList(),
                bias ? query + narrow + rotated + hidden : 0,
                heads,
                keyDim,
                valueDim,
                narrow + rotated,
                window);
    }

    private long queryRank() {
        return keys.isNull("q_lora_rank") ? 0 : keys.size("q_lora_rank", 0);
    }

    /** Weights of the norms of queries and keys in a layer. */
    long norms() {
        if (rules.path("latent").asBoolean()) {
            return queryRank() + keys.size("kv_lora_rank", 0);
        }
        if (!keys.isOnOr("head_norms_if", true)) {
            return 0;
        }
        return switch (rules.path("head_norms").asText()) {
            case "head" -> 2 * headDim;
            case "head_bias" -> 4 * headDim;
            case "width" -> (heads + keyValueHeads) * headDim;
            default -> 0;
        };
    }
}
