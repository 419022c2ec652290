package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.HuggingFaceConfig;

/**
 * The shape of a model.
 *
 * @param family which family of Hugging Face it is
 * @param vocabSize V
 * @param hiddenSize C
 * @param intermediateSize F
 * @param layers L
 * @param heads H, query heads
 * @param keyValueHeads Hkv, divides H
 * @param headDim D, even; need not be C / H
 * @param maxPositions the context, tokens
 * @param normEpsilon inside the root of the RMS norm
 * @param ropeTheta base of the rotary frequencies
 * @param rotaryScaling stretching of the rotary frequencies
 * @param tiedEmbeddings whether the language head is the embedding
 * @param queryKeyValueBias biases on query, key and value
 * @param outputBias a bias on attention's output projection
 * @param mlpBias biases in the feed-forward part
 * @param slidingWindow how many positions back a row sees, itself included; 0: all
 * @param slidingWindowFrom the first layer with the window (Qwen2's max_window_layers)
 * @param initializerRange standard deviation of fresh weights
 */
public record ModelConfig(
        Family family,
        int vocabSize,
        int hiddenSize,
        int intermediateSize,
        int layers,
        int heads,
        int keyValueHeads,
        int headDim,
        int maxPositions,
        double normEpsilon,
        double ropeTheta,
        RotaryScaling rotaryScaling,
        boolean tiedEmbeddings,
        boolean queryKeyValueBias,
        boolean outputBias,
        boolean mlpBias,
        int slidingWindow,
        int slidingWindowFrom,
        double initializerRange) {
    public ModelConfig {
        positive(vocabSize, "vocab_size");
        positive(hiddenSize, "hidden_size");
        positive(intermediateSize, "intermediate_size");
        positive(layers, "num_hidden_layers");
        positive(heads, "num_attention_heads");
        positive(keyValueHeads, "num_key_value_heads");
        positive(headDim, "head_dim");
        positive(maxPositions, "max_position_embeddings");
        if (heads % keyValueHeads != 0) {
            throw new UserError("num_attention_heads is " + heads + ", but must be a multiple of num_key_value_heads, "
                    + keyValueHeads);
        }
        if (headDim % 2 != 0) {
            throw new UserError("head_dim must be even for rotary positions, but is " + headDim
                    + "; hidden_size / num_attention_heads is its default");
        }
        positiveReal(normEpsilon, "rms_norm_eps");
        positiveReal(ropeTheta, "rope_theta");
        if (!(initializerRange >= 0)) {
            throw new UserError("initializer_range must be >= 0, but is " + initializerRange);
        }
        if (slidingWindow < 0 || slidingWindowFrom < 0) {
            throw new UserError("sliding_window must be >= 1 or null, but is " + slidingWindow);
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
                intermediateSize,
                layers,
                heads,
                keyValueHeads,
                hiddenSize / heads,
                maxPositions,
                1e-5,
                10_000,
                RotaryScaling.NONE,
                tiedEmbeddings,
                false,
                false,
                false,
                0,
                0,
                0.02);
    }

    /**
     * Reads config.json.
     *
     * @throws UserError where the model is of another family or a key is wrong
     */
    public static ModelConfig from(HuggingFaceConfig file) {
        return ModelConfigFile.read(file);
    }

    /** A config.json for a language model of this shape. */
    public HuggingFaceConfig toHuggingFace() {
        return ModelConfigFile.write(this);
    }

    /** Width of the query part, H D. */
    public int queryWidth() {
        return heads * headDim;
    }

    /** Width of the key part and of the value part, Hkv D. */
    public int keyValueWidth() {
        return keyValueHeads * headDim;
    }

    /** Width of query, key and value together. */
    public int queryKeyValueWidth() {
        return queryWidth() + 2 * keyValueWidth();
    }

    /** The window of {@code layer}, 0 for none. */
    public int window(int layer) {
        return layer >= slidingWindowFrom ? slidingWindow : 0;
    }

    /**
     * Throws where a sequence does not fit: an id outside the vocabulary, or more tokens than the context.
     *
     * @param where names the data for the message, e.g. "train.jsonl line 7"
     * @throws UserError with {@code where}
     */
    public void checkFits(int[] ids, String where) {
        if (ids.length > maxPositions) {
            throw new UserError(where + ": the sequence has " + ids.length + " tokens, but the model's context is "
                    + maxPositions + "; shorten it or set max_length to at most " + maxPositions);
        }
        for (int id : ids) {
            if (id < 0 || id >= vocabSize) {
                throw new UserError(where + ": token id " + id + " is outside the model's vocabulary of " + vocabSize
                        + "; the tokenizer does not belong to this model");
            }
        }
    }

    private static void positive(int value, String key) {
        if (value <= 0) {
            throw new UserError(key + " must be >= 1, but is " + value);
        }
    }

    private static void positiveReal(double value, String key) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new UserError(key + " must be finite and > 0, but is " + value);
        }
    }
}
