package io.github.rlhf4j.core.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The matrices of a model as the engine multiplies them, and Hugging Face's names of their parts.
 *
 * @param matrices in the order in which fresh weights, checkpoints and gradient norms go through them
 */
record ParameterLayout(List<Matrix> matrices) {
    /** How fresh weights are drawn. */
    enum Start {
        NORMAL,
        SCORE,
        ONES,
        ZEROS
    }

    /** A named part of a matrix: {@code size} of its rows, or of its columns where the matrix is a vector. */
    record Part(String name, int size) {}

    /**
     * @param key how blocks look it up
     * @param vector whether it is one row, cut by columns
     * @param rows of the matrix, 1 for a vector
     */
    record Matrix(String key, List<Part> parts, boolean vector, int rows, int columns, Start start) {
        /** Biases and norms do not decay. */
        boolean decays() {
            return !vector;
        }
    }

    static final String EMBEDDING = "embedding";
    static final String FINAL_NORM = "final_norm";
    static final String LANGUAGE_HEAD = "language_head";
    static final String SCALAR_HEAD = "scalar_head";

    /** The layout of a model under its family's names. */
    static ParameterLayout of(ModelConfig config, Set<Head> heads) {
        TensorNames names = config.family().names();
        List<Matrix> all = new ArrayList<>();
        all.add(matrix(
                EMBEDDING,
                config.hiddenSize(),
                new Part(names.base() + names.embedding() + ".weight", config.vocabSize())));
        for (int layer = 0; layer < config.layers(); layer++) {
            addBlock(all, config, layer);
        }
        all.add(norm(FINAL_NORM, names.base() + names.finalNorm(), config));
        if (heads.contains(Head.LANGUAGE) && !config.tiedEmbeddings()) {
            all.add(matrix(LANGUAGE_HEAD, config.hiddenSize(), new Part("lm_head.weight", config.vocabSize())));
        }
        if (heads.contains(Head.SCALAR)) {
            // A matrix of one row: it decays, as transformers' does.
            all.add(new Matrix(
                    SCALAR_HEAD, List.of(new Part("score.weight", 1)), false, 1, config.hiddenSize(), Start.SCORE));
        }
        return new ParameterLayout(List.copyOf(all));
    }

    private static void addBlock(List<Matrix> all, ModelConfig config, int layer) {
        TensorNames names = config.family().names();
        String prefix = names.layer(layer);
        AttentionConfig attention = config.attention();
        boolean bias = config.feedForward().bias();
        int inner = config.intermediateSize();
        all.add(norm(layer + ".attention_norm", prefix + names.attentionNorm(), config));
        addLinear(
                all,
                layer + ".query_key_value",
                config.hiddenSize(),
                attention.queryKeyValueBias(),
                parts(
                        prefix,
                        names.queryKeyValue(),
                        attention.queryWidth(),
                        attention.keyValueWidth(),
                        attention.keyValueWidth()));
        addLinear(
                all,
                layer + ".output",
                attention.queryWidth(),
                attention.outputBias(),
                parts(prefix, List.of(names.output()), config.hiddenSize()));
        all.add(norm(layer + ".mlp_norm", prefix + names.feedForwardNorm(), config));
        addLinear(all, layer + ".gate_up", config.hiddenSize(), bias, parts(prefix, names.hidden(), inner, inner));
        addLinear(all, layer + ".down", inner, bias, parts(prefix, List.of(names.down()), config.hiddenSize()));
    }

    /** Parts of these sizes, or one of all of them. */
    private static Part[] parts(String prefix, List<String> names, int... sizes) {
        if (names.size() == 1) {
            return new Part[] {
                new Part(prefix + names.get(0), IntStream.of(sizes).sum())
            };
        }
        Part[] parts = new Part[sizes.length];
        Arrays.setAll(parts, i -> new Part(prefix + names.get(i), sizes[i]));
        return parts;
    }

    private static void addLinear(List<Matrix> all, String key, int inputs, boolean bias, Part... modules) {
        Part[] weights = new Part[modules.length];
        Part[] biases = new Part[modules.length];
        for (int i = 0; i < modules.length; i++) {
            weights[i] = new Part(modules[i].name() + ".weight", modules[i].size());
            biases[i] = new Part(modules[i].name() + ".bias", modules[i].size());
        }
        all.add(matrix(key, inputs, weights));
        if (bias) {
            all.add(vector(key + ".bias", Start.ZEROS, biases));
        }
    }

    private static Matrix norm(String key, String name, ModelConfig config) {
        return vector(key, Start.ONES, new Part(name + ".weight", config.hiddenSize()));
    }

    private static Matrix matrix(String key, int columns, Part... parts) {
        return new Matrix(key, List.of(parts), false, total(parts), columns, Start.NORMAL);
    }

    private static Matrix vector(String key, Start start, Part... parts) {
        return new Matrix(key, List.of(parts), true, 1, total(parts), start);
    }

    private static int total(Part[] parts) {
        int total = 0;
        for (Part part : parts) {
            total += part.size();
        }
        return total;
    }
}
