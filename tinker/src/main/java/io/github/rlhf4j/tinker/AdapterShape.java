package io.github.rlhf4j.tinker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.model.LoraConfig;
import io.github.rlhf4j.core.model.TargetModules;
import java.util.Optional;

/**
 * What is trained of a model.
 *
 * @param rank of each term
 * @param seed that A is drawn from
 * @param mlp whether feed-forward layers have one
 * @param attention whether attention's have one
 */
record AdapterShape(int rank, long seed, boolean mlp, boolean attention) {
    private static final double ALPHA = 32; // as https://thinkingmachines.ai/blog/lora has it, whatever the rank
    private static final int LARGEST = 1 << 12;
    private static final String ATTENTION = ".*[.](self_attn|attn|attention)[.].*";

    AdapterShape {
        if (rank < 1 || rank > LARGEST) {
            throw new UserError("lora_config.rank must be in 1 .. " + LARGEST + ", but is " + rank);
        }
        if (!mlp && !attention) {
            throw new UserError(
                    "lora_config: train_mlp or train_attn must be true: an adapter on the unembedding is not supported");
        }
    }

    /**
     * Of create_model's lora_config.
     *
     * @param seed where it names none
     */
    static AdapterShape of(JsonNode json, long seed) {
        if (!json.isObject()) {
            throw new UserError("lora_config must be given: adapters alone are trained");
        }
        return new AdapterShape(
                json.path("rank").asInt(0),
                json.path("seed").isNull() ? seed : json.path("seed").asLong(seed),
                json.path("train_mlp").asBoolean(true),
                json.path("train_attn").asBoolean(true));
    }

    /** For the engine. */
    LoraConfig lora() {
        TargetModules targets = mlp && attention
                ? TargetModules.all()
                : TargetModules.matching(attention ? ATTENTION : "(?!" + ATTENTION + ").*");
        return new LoraConfig(rank, ALPHA, false, Optional.of(targets));
    }

    void writeTo(ObjectNode json) {
        json.put("lora_rank", rank)
                .put("seed", seed)
                .put("train_mlp", mlp)
                .put("train_attn", attention)
                .put("train_unembed", false);
    }

    static AdapterShape read(JsonNode json) {
        return new AdapterShape(
                json.path("lora_rank").asInt(),
                json.path("seed").asLong(),
                json.path("train_mlp").asBoolean(),
                json.path("train_attn").asBoolean());
    }
}
