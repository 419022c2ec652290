package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.model.TensorNames.FeedForwardNames;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

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
        UNIFORM,
        NORMAL_BY_ROWS,
        ONES,
        ZEROS,
        /** Not here: whoever has it knows. */
        ELSEWHERE
    }

    /**
     * A named part of a matrix: {@code size} of its rows, or of its columns where the matrix is a vector.
     *
     * @param fused where else it may be stored: in a tensor that holds other parts too
     */
    record Part(String name, int size, @Nullable Slice fused) {
        Part(String name, int size) {
            this(name, size, null);
        }

        /** The name of the module that it is the weight or the bias of. */
        String module() {
            return moduleOf(name);
        }
    }

    /** The module of a weight or a bias. */
    static String moduleOf(String tensor) {
        return tensor.substring(0, tensor.lastIndexOf('.'));
    }

    /** The elements of a stored tensor from the {@code first} on. */
    @SuppressWarnings("ArrayRecordComponent")
    record Slice(String tensor, long[] shape, long first) {}

    /**
     * @param key how blocks look it up
     * @param vector whether it is one row, cut by columns
     * @param rows of the matrix, 1 for a vector
     * @param transposed whether files hold it as (columns, rows)
     */
    record Matrix(
            String key, List<Part> parts, boolean vector, int rows, int columns, Start start, boolean transposed) {
        /** What it counts as. */
        ModelPart part() {
            if (key.equals(EMBEDDING) || key.equals(POSITIONS)) {
                return ModelPart.EMBEDDING;
            }
            String weight = key.replace(BIAS, "");
            if (HEADS.contains(weight)) {
                return ModelPart.HEAD;
            }
            if (NORMS.stream().anyMatch(weight::endsWith)) {
                return ModelPart.NORMS;
            }
            boolean ofAttention = weight.endsWith(QUERY_KEY_VALUE) || weight.endsWith(OUTPUT);
            return ofAttention ? ModelPart.ATTENTION : ModelPart.FEED_FORWARD;
        }

        /** Whether it is of the head that a reward model has instead of a language model's: what files may lack where one begins. */
        boolean isReadHead() {
            String weight = key.replace(BIAS, "");
            return weight.equals(SCALAR_HEAD) || weight.equals(LABELS_HEAD);
        }

        /** Whether one expert alone has it: its key ends with the expert's number. */
        boolean isOfExpert() {
            return Character.isDigit(key.charAt(key.length() - 1));
        }

        long size() {
            return (long) rows * columns;
        }

        /** Whether it may be held in fewer bits where it is frozen: the large ones. Norms, biases, routers and what a reward model reads with, which are few, stay as they are. */
        boolean isCompactable() {
            return !vector && !isReadHead() && !key.endsWith(ROUTER);
        }

        /** Shape of a part as Hugging Face's files have it. */
        long[] shape(Part part) {
            if (vector) {
                return new long[] {part.size()};
            }
            return transposed ? new long[] {columns, part.size()} : new long[] {part.size(), columns};
        }

        /** Biases and norms do not decay; DoRA's lengths do, in transformers too, whose names do not tell that they are such. */
        boolean decays() {
            return !vector || key.endsWith(LENGTHS);
        }
    }

    static final String EMBEDDING = "embedding";
    static final String POSITIONS = "positions";
    static final String FINAL_NORM = "final_norm";
    static final String LANGUAGE_HEAD = "language_head";
    static final String SCALAR_HEAD = "scalar_head";
    static final String LABELS_HEAD = "labels_head";

    // After a layer's number:
    static final String ATTENTION_NORM = ".attention_norm";
    static final String QUERY_KEY_VALUE = ".query_key_value";
    static final String QUERY_NORM = ".query_norm";
    static final String KEY_NORM = ".key_norm";
    static final String OUTPUT = ".output";
    static final String FEED_FORWARD_NORM = ".mlp_norm";
    static final String HIDDEN = ".gate_up";
    static final String DOWN = ".down";
    static final String ROUTER = ".router";
    // After the name of a module:
    static final String LENGTHS = ".lora_magnitude_vector";
    // After the key of a weight:
    static final String BIAS = ".bias";

    private static final List<String> NORMS =
            List.of(FINAL_NORM, ATTENTION_NORM, QUERY_NORM, KEY_NORM, FEED_FORWARD_NORM);

    private static final Set<String> HEADS = Set.of(LANGUAGE_HEAD, SCALAR_HEAD, LABELS_HEAD);

    /** The layout of a model under its family's names. */
    static ParameterLayout of(ModelConfig config, Set<Head> heads) {
        Builder builder = new Builder(config);
        builder.addEmbeddings();
        for (int layer = 0; layer < config.layers(); layer++) {
            builder.addAttention(layer);
            builder.addFeedForward(layer);
        }
        builder.addNorm(FINAL_NORM, builder.names.base() + builder.names.finalNorm());
        builder.addHeads(heads);
        return new ParameterLayout(List.copyOf(builder.all));
    }

    /** All weights. */
    long size() {
        return matrices.stream().mapToLong(Matrix::size).sum();
    }

    /** The matrix of a key. */
    Matrix matrix(String key) {
        return matrices.stream()
                .filter(matrix -> matrix.key().equals(key))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no matrix " + key));
    }

    private static final class Builder {
        private final ModelConfig config;
        private final TensorNames names;
        private final int hidden;
        private final List<Matrix> all = new ArrayList<>();

        private Builder(ModelConfig config) {
            this.config = config;
            this.names = config.family().names();
            this.hidden = config.hiddenSize();
        }

        private void addEmbeddings() {
            String base = names.base();
            add(EMBEDDING, hidden, new Part(base + names.embedding() + ".weight", config.vocabSize()));
            if (config.positions() instanceof Positions.Learned) {
                int count = config.maxPositionEmbeddings();
                add(POSITIONS, hidden, new Part(base + names.positions() + ".weight", count));
            }
        }

        private void addAttention(int layer) {
            AttentionConfig attention = config.attention();
            String prefix = names.layer(layer);
            int keyValue = attention.keyValueWidth();
            addNorm(layer + ATTENTION_NORM, prefix + names.attentionNorm());
            addLinear(
                    layer + QUERY_KEY_VALUE,
                    hidden,
                    attention.queryKeyValueBias(),
                    parts(prefix, names.queryKeyValue(), attention.queryWidth(), keyValue, keyValue));
            if (attention.headNorms()) {
                int dim = attention.headDim();
                addVector(layer + QUERY_NORM, Start.ONES, new Part(prefix + "self_attn.q_norm.weight", dim));
                addVector(layer + KEY_NORM, Start.ONES, new Part(prefix + "self_attn.k_norm.weight", dim));
            }
            addLinear(
                    layer + OUTPUT,
                    attention.queryWidth(),
                    attention.outputBias(),
                    List.of(new Part(prefix + names.output(), hidden)));
            addNorm(layer + FEED_FORWARD_NORM, prefix + names.feedForwardNorm());
        }

        private void addFeedForward(int layer) {
            FeedForwardConfig feedForward = config.feedForward();
            FeedForwardNames of = names.feedForward();
            String prefix = names.layer(layer);
            int inner = feedForward.intermediateSize();
            boolean bias = feedForward.bias();
            if (feedForward.kind() == FeedForwardConfig.Kind.EXPERTS) {
                int experts = feedForward.experts();
                Slice fused = new Slice(prefix + "mlp.gate.weight", new long[] {experts, hidden}, 0);
                add(layer + ROUTER, hidden, new Part(prefix + of.router() + ".weight", experts, fused));
                for (int expert = 0; expert < experts; expert++) {
                    addExpert(layer, expert);
                }
                return;
            }
            addLinear(layer + HIDDEN, hidden, bias, parts(prefix, of.hidden(), split(feedForward)));
            addLinear(layer + DOWN, inner, bias, List.of(new Part(prefix + of.down(), hidden)));
        }

        private static int[] split(FeedForwardConfig feedForward) {
            int inner = feedForward.intermediateSize();
            return feedForward.hiddenWidth() == inner ? new int[] {inner} : new int[] {inner, inner};
        }

        /** One expert; transformers 5 has all of a layer's in one tensor, and files may have them so too. */
        private void addExpert(int layer, int expert) {
            FeedForwardNames of = names.feedForward();
            String prefix = names.layer(layer);
            String own = prefix + of.experts() + expert + ".";
            int inner = config.intermediateSize();
            long experts = config.feedForward().experts();
            long[] gateUp = {experts, 2L * inner, hidden};
            long[] down = {experts, hidden, inner};
            Part[] halves = new Part[2];
            Arrays.setAll(
                    halves,
                    half -> new Part(
                            own + of.hidden().get(half) + ".weight",
                            inner,
                            new Slice(
                                    prefix + "mlp.experts.gate_up_proj",
                                    gateUp,
                                    (2L * expert + half) * inner * hidden)));
            add(layer + HIDDEN + "." + expert, hidden, halves);
            add(
                    layer + DOWN + "." + expert,
                    inner,
                    new Part(
                            own + of.down() + ".weight",
                            hidden,
                            new Slice(prefix + "mlp.experts.down_proj", down, (long) expert * hidden * inner)));
        }

        private void addHeads(Set<Head> heads) {
            if (heads.contains(Head.LANGUAGE) && !config.tiedEmbeddings()) {
                add(LANGUAGE_HEAD, hidden, new Part("lm_head.weight", config.vocabSize()));
            }
            if (heads.contains(Head.SCALAR)) {
                // A matrix of one row: it decays, as transformers' does.
                List<Part> part = List.of(new Part("score.weight", 1));
                all.add(new Matrix(SCALAR_HEAD, part, false, 1, hidden, Start.SCORE, false));
            }
            if (heads.contains(Head.LABELS)) {
                String name = config.family().labelsHead();
                add(LABELS_HEAD, hidden, new Part(name + ".weight", 2));
                addVector(LABELS_HEAD + BIAS, Start.ZEROS, new Part(name + ".bias", 2));
            }
        }

        /** Parts of these sizes, or one of all of them. */
        private static List<Part> parts(String prefix, List<String> names, int... sizes) {
            if (names.size() == 1) {
                return List.of(
                        new Part(prefix + names.get(0), IntStream.of(sizes).sum()));
            }
            return IntStream.range(0, sizes.length)
                    .mapToObj(i -> new Part(prefix + names.get(i), sizes[i]))
                    .toList();
        }

        private void addLinear(String key, int inputs, boolean bias, List<Part> modules) {
            add(key, inputs, names.transposed(), suffixed(modules, ".weight"));
            if (bias) {
                addVector(key + BIAS, Start.ZEROS, suffixed(modules, ".bias"));
            }
        }

        private static Part[] suffixed(List<Part> modules, String suffix) {
            return modules.stream()
                    .map(module -> new Part(module.name() + suffix, module.size()))
                    .toArray(Part[]::new);
        }

        private void addNorm(String key, String name) {
            addVector(key, Start.ONES, new Part(name + ".weight", hidden));
            if (config.norm().kind() == NormConfig.Kind.LAYER) {
                addVector(key + BIAS, Start.ZEROS, new Part(name + ".bias", hidden));
            }
        }

        private void add(String key, int columns, Part... parts) {
            add(key, columns, false, parts);
        }

        private void add(String key, int columns, boolean transposed, Part... parts) {
            all.add(new Matrix(key, List.of(parts), false, total(parts), columns, Start.NORMAL, transposed));
        }

        private void addVector(String key, Start start, Part... parts) {
            all.add(new Matrix(key, List.of(parts), true, 1, total(parts), start, false));
        }

        private static int total(Part[] parts) {
            return Arrays.stream(parts).mapToInt(Part::size).sum();
        }
    }
}
