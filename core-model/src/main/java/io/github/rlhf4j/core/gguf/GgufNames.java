package io.github.rlhf4j.core.gguf;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What an architecture calls its tensors in GGUF files, and Hugging Face in its own: {@code convert_hf_to_gguf.py}'s table, for the families of the engine. */
public final class GgufNames {
    /** What Llama 3 divides its rotary frequencies by, which Hugging Face computes: no weight. */
    public static final String ROTARY_FACTORS = "rope_freqs.weight";

    private static final Pattern LAYER = Pattern.compile("(\\d{1,5})\\.(.+)");
    private static final Pattern EXPERT = Pattern.compile("(.*experts\\.)(\\d{1,5})\\.(w[123])");

    private static final GgufNames LLAMA = new GgufNames("model.layers.", false)
            .outer("model.embed_tokens", "token_embd")
            .outer("model.norm", "output_norm")
            .outer("lm_head", "output")
            .inner("input_layernorm", "attn_norm")
            .inner("self_attn.q_proj", "attn_q")
            .inner("self_attn.k_proj", "attn_k")
            .inner("self_attn.v_proj", "attn_v")
            .inner("self_attn.o_proj", "attn_output")
            .inner("self_attn.q_norm", "attn_q_norm")
            .inner("self_attn.k_norm", "attn_k_norm")
            .inner("post_attention_layernorm", "ffn_norm")
            .inner("mlp.gate_proj", "ffn_gate")
            .inner("mlp.up_proj", "ffn_up")
            .inner("mlp.down_proj", "ffn_down")
            .inner("block_sparse_moe.gate", "ffn_gate_inp")
            .inner("block_sparse_moe.experts.w1", "ffn_gate_exps")
            .inner("block_sparse_moe.experts.w2", "ffn_down_exps")
            .inner("block_sparse_moe.experts.w3", "ffn_up_exps");

    private static final GgufNames GPT2 = new GgufNames("transformer.h.", true)
            .outer("transformer.wte", "token_embd")
            .outer("transformer.wpe", "position_embd")
            .outer("transformer.ln_f", "output_norm")
            .outer("lm_head", "output")
            .inner("ln_1", "attn_norm")
            .inner("attn.c_attn", "attn_qkv")
            .inner("attn.c_proj", "attn_output")
            .inner("ln_2", "ffn_norm")
            .inner("mlp.c_fc", "ffn_up")
            .inner("mlp.c_proj", "ffn_down");

    private static final String BLOCK = "blk.";

    private final String layers;
    private final boolean transposed;
    private final Map<String, String> outer = new LinkedHashMap<>();
    private final Map<String, String> inner = new LinkedHashMap<>();

    /**
     * The place of one of Hugging Face's tensors.
     *
     * @param tensor of the file
     * @param expert which part of its first dimension, where it holds those of all experts; else -1
     */
    public record Place(String tensor, int expert) {}

    private GgufNames(String layers, boolean transposed) {
        this.layers = layers;
        this.transposed = transposed;
    }

    private GgufNames outer(String ours, String theirs) {
        outer.put(ours, theirs);
        return this;
    }

    private GgufNames inner(String ours, String theirs) {
        inner.put(ours, theirs);
        return this;
    }

    /** Those of a {@code general.architecture}; empty where it is none of ours. */
    public static Optional<GgufNames> of(String architecture) {
        return switch (architecture) {
            case "llama", "qwen2", "qwen3" -> Optional.of(LLAMA);
            case "gpt2" -> Optional.of(GPT2);
            default -> Optional.empty();
        };
    }

    /** Whether Hugging Face stores a layer's matrices the other way round. */
    public boolean isTransposed(String ours) {
        return transposed && ours.startsWith(layers) && ours.endsWith(".weight") && !ours.contains(".ln_");
    }

    /** Whether a tensor holds those of all experts, in its first dimension. */
    public static boolean isOfAllExperts(String theirs) {
        return theirs.contains("_exps.");
    }

    /** Where Hugging Face's tensor is; empty where the architecture has no such tensor. */
    public Optional<Place> place(String ours) {
        int dot = ours.lastIndexOf('.');
        String module = ours.substring(0, Math.max(0, dot));
        String suffix = ours.substring(dot + 1); // weight or bias
        if (outer.containsKey(module)) {
            return Optional.of(new Place(outer.get(module) + "." + suffix, -1));
        }
        Matcher layer = LAYER.matcher(module.startsWith(layers) ? module.substring(layers.length()) : "");
        if (!layer.matches()) {
            return Optional.empty();
        }
        String part = layer.group(2);
        int expert = -1;
        Matcher ofExpert = EXPERT.matcher(part);
        if (ofExpert.matches()) {
            expert = Integer.parseInt(ofExpert.group(2));
            part = ofExpert.group(1) + ofExpert.group(3);
        }
        String theirs = inner.get(part);
        return theirs == null
                ? Optional.empty()
                : Optional.of(new Place(BLOCK + layer.group(1) + "." + theirs + "." + suffix, expert));
    }

    /**
     * Hugging Face's name of a tensor; empty where it is no name of one.
     *
     * @param expert whose part of it; -1 where it is whole
     */
    public Optional<String> ours(String theirs, int expert) {
        int dot = theirs.lastIndexOf('.');
        if (dot < 0) {
            return Optional.empty();
        }
        String module = theirs.substring(0, dot);
        String suffix = theirs.substring(dot);
        if (!module.startsWith(BLOCK)) {
            return key(outer, module).map(name -> name + suffix);
        }
        String rest = module.substring(BLOCK.length());
        int end = rest.indexOf('.');
        if (end < 1 || !rest.substring(0, end).matches("\\d{1,5}")) {
            return Optional.empty();
        }
        String layer = rest.substring(0, end);
        return key(inner, rest.substring(end + 1)).map(part -> {
            String whole = expert < 0 ? part : part.replace("experts.", "experts." + expert + ".");
            return layers + layer + "." + whole + suffix;
        });
    }

    private static Optional<String> key(Map<String, String> map, String value) {
        return map.entrySet().stream()
                .filter(entry -> entry.getValue().equals(value))
                .map(Map.Entry::getKey)
                .findFirst();
    }
}
