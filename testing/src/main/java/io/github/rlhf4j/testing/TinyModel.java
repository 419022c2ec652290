package io.github.rlhf4j.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Family;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tokenizer.BpeTokenizerFiles;
import io.github.rlhf4j.core.tokenizer.BpeTrainer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A random model of some thousand weights with a tokenizer: {@code TinyModel.llama().write(folder)} makes a Hugging Face folder that any stage can start from.
 *
 * <p>Two layers, C = 16, F = 32, H = 2, Hkv = 1, a context of 96 tokens, tied embeddings, and a byte-level BPE of 280 tokens trained on {@link TinyData}. The same settings give the same bytes.
 */
public final class TinyModel {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int VOCABULARY = 280;

    private final Family family;
    private final Map<String, @Nullable Object> keys = new LinkedHashMap<>();
    private Head head = Head.LANGUAGE;
    private long seed = 3;
    private Optional<BpeTokenizerFiles> tokenizer = Optional.empty();

    private TinyModel(Family family) {
        this.family = family;
        keys.putAll(family == Family.GPT2 ? gpt2() : llamas());
        if (family == Family.MIXTRAL) {
            keys.put("num_local_experts", 4);
        }
    }

    private static Map<String, Object> llamas() {
        Map<String, Object> sizes = new LinkedHashMap<>();
        sizes.put("hidden_size", 16);
        sizes.put("intermediate_size", 32);
        sizes.put("num_hidden_layers", 2);
        sizes.put("num_attention_heads", 2);
        sizes.put("num_key_value_heads", 1);
        sizes.put("head_dim", 8);
        sizes.put("max_position_embeddings", 96);
        sizes.put("rms_norm_eps", 1e-5);
        sizes.put("rope_theta", 10_000.0);
        sizes.put("tie_word_embeddings", true);
        return sizes;
    }

    private static Map<String, Object> gpt2() {
        return Map.of("n_embd", 16, "n_inner", 32, "n_layer", 2, "n_head", 2, "n_positions", 96);
    }

    /** A Llama. */
    public static TinyModel llama() {
        return of(Family.LLAMA);
    }

    /** A model of that family. */
    public static TinyModel of(Family family) {
        return new TinyModel(family);
    }

    /** With this head: {@link Head#SCALAR} makes it a reward model. */
    public TinyModel head(Head other) {
        head = other;
        return this;
    }

    /** With weights from this seed. */
    public TinyModel seed(long other) {
        seed = other;
        return this;
    }

    /** With a context of so many tokens. */
    public TinyModel context(int tokens) {
        return with(family == Family.GPT2 ? "n_positions" : "max_position_embeddings", tokens);
    }

    /** With another value of a key of config.json. */
    public TinyModel with(String key, @Nullable Object value) {
        keys.put(key, value);
        return this;
    }

    /** With this tokenizer. */
    public TinyModel tokenizer(BpeTokenizerFiles other) {
        tokenizer = Optional.of(other);
        return this;
    }

    /** A tokenizer trained on these texts; fewer tokens where the texts have no more pairs. */
    public static BpeTokenizerFiles tokenizer(int vocabulary, List<String> texts) {
        return BpeTrainer.train(texts.iterator(), vocabulary, List.of());
    }

    private static BpeTokenizerFiles usualTokenizer() {
        List<String> texts = new ArrayList<>();
        for (TinyData data : TinyData.values()) {
            texts.addAll(data.rows());
        }
        return tokenizer(VOCABULARY, texts);
    }

    /** The model in memory. The caller closes it. */
    public Transformer create(Kernels kernels) {
        return create(tokenizer.orElseGet(TinyModel::usualTokenizer), kernels);
    }

    private Transformer create(BpeTokenizerFiles words, Kernels kernels) {
        HuggingFaceConfig file = HuggingFaceConfig.create(family.modelType(), family.architecture(Head.LANGUAGE))
                .with("vocab_size", words.vocabSize());
        for (Map.Entry<String, Object> key : keys.entrySet()) {
            file = file.with(key.getKey(), MAPPER.<com.fasterxml.jackson.databind.JsonNode>valueToTree(key.getValue()));
        }
        return Transformer.create(ModelConfig.from(file), Set.of(head), kernels, CounterRandom.of(seed));
    }

    /** Writes model and tokenizer, in place of what is there; returns the folder. */
    public Path write(Path folder) {
        BpeTokenizerFiles words = tokenizer.orElseGet(TinyModel::usualTokenizer);
        try (CpuKernels kernels = new CpuKernels(1);
                Transformer model = create(words, kernels)) {
            model.save(folder, Optional.empty());
        }
        words.writeTo(folder, Optional.empty());
        return folder;
    }
}
