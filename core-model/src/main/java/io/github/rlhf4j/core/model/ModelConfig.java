package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.HuggingFaceConfig;

/**
 * The shape of a model: what its layers are made of and how large they are. What its tensors and keys are called is the {@link Family}'s.
 *
 * @param family which family of Hugging Face it is
 * @param vocabSize V
 * @param hiddenSize C
 * @param layers L
 * @param maxPositionEmbeddings positions the model was made for
 * @param norm its norms
 * @param positions how positions are told apart
 * @param attention its attention
 * @param feedForward its feed-forward part
 * @param tiedEmbeddings whether the language head is the embedding
 * @param initializerRange standard deviation of fresh weights
 */
public record ModelConfig(
        Family family,
        int vocabSize,
        int hiddenSize,
        int layers,
        int maxPositionEmbeddings,
        NormConfig norm,
        Positions positions,
        AttentionConfig attention,
        FeedForwardConfig feedForward,
        boolean tiedEmbeddings,
        double initializerRange) {
    public ModelConfig {
        ConfigValues.positive(vocabSize, "vocab_size");
        ConfigValues.positive(hiddenSize, "hidden_size");
        ConfigValues.positive(layers, "num_hidden_layers");
        ConfigValues.positive(maxPositionEmbeddings, "max_position_embeddings");
        if (positions instanceof Positions.Rotary && attention.headDim() % 2 != 0) {
            throw new UserError("head_dim must be even for rotary positions, but is " + attention.headDim()
                    + "; hidden_size / num_attention_heads is its default");
        }
        if (!(initializerRange >= 0)) {
            throw new UserError("initializer_range must be >= 0, but is " + initializerRange);
        }
    }

    /** A plain Llama: no biases, no window, context {@code maxPositions}, epsilon 1e-5, theta 10,000, range 0.02. */
    public static ModelConfig llama(
            int vocabSize,
            int hiddenSize,
            int intermediateSize,
            int layers,
            int heads,
            int keyValueHeads,
            int maxPositions,
            boolean tiedEmbeddings) {
        return new ModelConfig(
                Family.LLAMA,
                vocabSize,
                hiddenSize,
                layers,
                maxPositions,
                new NormConfig(NormConfig.Kind.RMS, 1e-5),
                new Positions.Rotary(10_000, new RotaryScaling.None()),
                AttentionConfig.plain(heads, keyValueHeads, hiddenSize / heads),
                FeedForwardConfig.swiGlu(intermediateSize),
                tiedEmbeddings,
                0.02);
    }

    /**
     * Reads config.json.
     *
     * @throws UserError where the model is of another family or a key is wrong
     */
    public static ModelConfig from(HuggingFaceConfig file) {
        return Family.of(file).read(file);
    }

    /** A config.json for a language model of this shape. */
    public HuggingFaceConfig toHuggingFace() {
        return family.write(this);
    }

    /** The context: the tokens that a sequence may have. */
    public int maxPositions() {
        return positions.context(maxPositionEmbeddings);
    }

    /** F. */
    public int intermediateSize() {
        return feedForward.intermediateSize();
    }

    /** H, query heads. */
    public int heads() {
        return attention.heads();
    }

    /** Hkv. */
    public int keyValueHeads() {
        return attention.keyValueHeads();
    }

    /** D. */
    public int headDim() {
        return attention.headDim();
    }

    /** Width of the query part, H D. */
    public int queryWidth() {
        return attention.queryWidth();
    }

    /** Width of the key part and of the value part, Hkv D. */
    public int keyValueWidth() {
        return attention.keyValueWidth();
    }

    /** Width of query, key and value together. */
    public int queryKeyValueWidth() {
        return queryWidth() + 2 * keyValueWidth();
    }

    /** The window of {@code layer}, 0 for none. */
    public int window(int layer) {
        return attention.window(layer);
    }

    /**
     * Throws where a sequence does not fit: an id outside the vocabulary, or more tokens than the context.
     *
     * @param where names the data for the message, e.g. "train.jsonl line 7"
     * @throws UserError with {@code where}
     */
    public void checkFits(int[] ids, String where) {
        if (ids.length > maxPositions()) {
            throw new UserError(where + ": the sequence has " + ids.length + " tokens, but the model's context is "
                    + maxPositions() + "; shorten it");
        }
        for (int id : ids) {
            if (id < 0 || id >= vocabSize) {
                throw new UserError(where + ": token id " + id + " is outside the model's vocabulary of " + vocabSize
                        + "; the tokenizer does not belong to this model");
            }
        }
    }
}
