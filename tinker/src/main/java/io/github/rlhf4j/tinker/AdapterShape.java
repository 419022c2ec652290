package io.github.rlhf4j.tinker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.LoraConfig;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.TargetModules;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What is trained of a model.
 *
 * @param rank of each term
 * @param seed that A is drawn from
 * @param mlp whether feed-forward layers have one
 * @param attention whether attention's have one
 * @param unembedding whether the head has one; of the head alone, also where the embedding is the same matrix, as in peft
 */
record AdapterShape(int rank, long seed, boolean mlp, boolean attention, boolean unembedding) {
    private static final double ALPHA = 32; // as https://thinkingmachines.ai/blog/lora has it, whatever the rank
    private static final int LARGEST = 1 << 12;
    private static final Pattern ATTENTION = Pattern.compile(".*[.](self_attn|attn|attention)[.].*");
    private static final String HEAD = "lm_head";

    AdapterShape {
        if (rank < 1 || rank > LARGEST) {
            throw new UserError("lora_config.rank must be in 1 .. " + LARGEST + ", but is " + rank);
        }
        if (!mlp && !attention && !unembedding) {
            throw new UserError("lora_config: one of train_mlp, train_attn and train_unembed must be true");
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
                json.path("train_attn").asBoolean(true),
                json.path("train_unembed").asBoolean(true));
    }

    /** For the engine. */
    LoraConfig lora(ModelConfig model) {
        TargetModules targets = mlp && attention && !unembedding
                ? TargetModules.all()
                : TargetModules.of(model, Set.of(Head.LANGUAGE), this::isTrained);
        return new LoraConfig(rank, ALPHA, false, Optional.of(targets));
    }

    private boolean isTrained(String module) {
        if (module.equals(HEAD)) {
            return unembedding;
        }
        return ATTENTION.matcher(module).matches() ? attention : mlp;
    }

    /** Whether what is saved of the other can become what is trained here. */
    boolean fits(AdapterShape other) {
        return rank == other.rank
                && mlp == other.mlp
                && attention == other.attention
                && unembedding == other.unembedding;
    }

    void writeTo(ObjectNode json) {
        json.put("lora_rank", rank)
                .put("seed", seed)
                .put("train_mlp", mlp)
                .put("train_attn", attention)
                .put("train_unembed", unembedding);
    }

    static AdapterShape read(JsonNode json) {
        return new AdapterShape(
                json.path("lora_rank").asInt(),
                json.path("seed").asLong(),
                json.path("train_mlp").asBoolean(),
                json.path("train_attn").asBoolean(),
                json.path("train_unembed").asBoolean());
    }
}
