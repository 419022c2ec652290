package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.CacheLayout;
import io.github.rlhf4j.core.model.ParameterLayout.Matrix;
import io.github.rlhf4j.core.tensor.CompactPanels;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.WeightType;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a model of a shape takes: parameters by part, and native bytes. Needs no weights.
 *
 * @param config the shape
 * @param heads those it has
 * @param type of its numbers in memory
 * @param weights how frozen matrices are held
 */
public record ModelSize(ModelConfig config, Set<Head> heads, DataType type, WeightType weights) {
    /** Bytes that one tensor may have. */
    public static final long LARGEST_TENSOR_BYTES = NativeMemory.LARGEST_BLOCK;

    /** What the program takes beside any model and its tokenizer: the JVM and libraries. */
    public static final long PROGRAM_BYTES = 215_000_000; // measured: 0.22 GB with 512 tokens, 0.30 with 49,152

    /** Rows of a step on replicas from which on it pays to transpose the weights. */
    public static final long TRANSPOSED_FROM = 1536;

    private static final long TOKENIZER_BYTES = 1_700; // of a token

    private static final long LARGEST_REPLICA = 32L << 20; // bytes of weights
    private static final long LARGEST_OF_ALL_REPLICAS = 512L << 20;

    public ModelSize {
        heads = Set.copyOf(heads);
    }

    /** Of a model whose weights are all of that type. */
    public ModelSize(ModelConfig config, Set<Head> heads, DataType type) {
        this(config, heads, type, WeightType.FLOAT32);
    }

    private List<Matrix> matrices() {
        return ParameterLayout.of(config, heads).matrices();
    }

    /** Weights of each part; a tied head counts as the embedding. */
    public Map<ModelPart, Long> parts() {
        Map<ModelPart, Long> parts = new EnumMap<>(ModelPart.class);
        matrices().forEach(matrix -> parts.merge(matrix.part(), matrix.size(), Long::sum));
        return parts;
    }

    /** All weights. */
    public long parameters() {
        return ParameterLayout.of(config, heads).size();
    }

    /** The weights that one token meets: all but those of the experts that it does not go to. */
    public long activeParameters() {
        FeedForwardConfig feedForward = config.feedForward();
        if (feedForward.experts() == 0) {
            return parameters();
        }
        long inExperts = matrices().stream()
                .filter(Matrix::isOfExpert)
                .mapToLong(Matrix::size)
                .sum();
        return parameters() - inExperts / feedForward.experts() * (feedForward.experts() - feedForward.copies());
    }

    /** Bytes of the weights; where they are float32, gradients take as many, and AdamW's moments twice as many. */
    public long weightBytes() {
        return matrices().stream().mapToLong(this::bytes).sum();
    }

    private long bytes(Matrix matrix) {
        return weights.isCompact() && matrix.isCompactable()
                ? weights.bytes(matrix.rows(), matrix.columns())
                : matrix.size() * type.bytes();
    }

    /** Bytes of the largest matrix, which is in one tensor. */
    public long largestMatrixBytes() {
        return matrices().stream().mapToLong(this::bytes).max().orElse(0);
    }

    /** The most rows that can go through the model at once: the widest activation of so many is one tensor. */
    public int largestRows() {
        FeedForwardConfig feedForward = config.feedForward();
        long widest = Math.max(
                Math.max(config.hiddenSize(), config.queryKeyValueWidth()),
                (long) feedForward.copies() * feedForward.hiddenWidth());
        return (int) Math.min(Integer.MAX_VALUE, LARGEST_TENSOR_BYTES / (widest * type.bytes()));
    }

    /** Whether each of so many processors computes passes of its own ({@link Transformer#replicas}): not where the model is so large that products are better shared out. */
    public boolean isForReplicas(int processors) {
        long computedWith = parameters() * type.bytes();
        return processors > 1
                && computedWith <= LARGEST_REPLICA
                && processors * computedWith <= LARGEST_OF_ALL_REPLICAS;
    }

    /** What the program takes beside a model of that vocabulary, about. */
    public long programBytes() {
        return PROGRAM_BYTES + tokenizerBytes();
    }

    /** What a tokenizer of that vocabulary takes, about. */
    public long tokenizerBytes() {
        return TOKENIZER_BYTES * config.vocabSize();
    }

    /** The same for a step of so many rows: few of them go through weights that are not transposed. */
    public long replicaBytes(int processors, long rowsOfStep) {
        long all = replicaBytes(processors);
        return rowsOfStep < TRANSPOSED_FROM ? all / processors * (processors - 1) : all;
    }

    /** Bytes that training takes for replicas, about: gradients of all but the first, and the transposed weights. */
    public long replicaBytes(int processors) {
        return isForReplicas(processors) ? processors * parameters() * type.bytes() : 0;
    }

    /**
     * The weights that an adapter adds.
     *
     * @throws io.github.rlhf4j.core.UserError where it targets what the model has not
     */
    public long adapterParameters(LoraConfig lora) {
        return AdapterLayout.of(config, heads, lora.in(config.family(), heads))
                .parameters()
                .size();
    }

    /** Bytes of the copy of the weights that generation works with ({@link PackedLinear}). */
    public long packedBytes() {
        return packedBytes(WeightType.FLOAT32);
    }

    /** The same with a copy in that form. */
    public long packedBytes(WeightType copy) {
        return matrices().stream()
                .filter(matrix -> !matrix.vector() && isMultiplied(matrix.key()))
                .mapToLong(matrix -> copy.isCompact()
                        ? CompactPanels.bytes(copy, matrix.rows(), matrix.columns())
                        : type.bytes() * PackedLinear.panelElements(matrix.rows(), matrix.columns()))
                .sum();
    }

    private boolean isMultiplied(String key) {
        return switch (key) {
            case ParameterLayout.EMBEDDING -> config.tiedEmbeddings();
            case ParameterLayout.POSITIONS, ParameterLayout.SCALAR_HEAD, ParameterLayout.LABELS_HEAD -> false;
            default -> true;
        };
    }

    /**
     * An estimate of the bytes of activations, and of their gradients where there is a backward pass, for {@code rows} rows, all of them targets.
     *
     * @param checkpointing whether each layer's input alone is kept
     */
    public long activationBytes(int rows, boolean forBackward, boolean checkpointing) {
        int headRows = heads.contains(Head.LANGUAGE) ? LanguageHead.chunkRows(rows, config.vocabSize()) : 0;
        long head = headRows * (config.vocabSize() + 2L * config.hiddenSize());
        return (elementsOfRow(forBackward, checkpointing) * rows + head) * type.bytes();
    }

    /**
     * An estimate of the bytes that generation takes besides weights and cached keys and values.
     *
     * @param rows of one prefill pass
     * @param sequences decoded together
     */
    public long decodingBytes(int rows, int sequences) {
        return (elementsOfRow(false, false) * rows + (long) sequences * (config.vocabSize() + config.hiddenSize()))
                * type.bytes();
    }

    private long elementsOfRow(boolean forBackward, boolean checkpointing) {
        FeedForwardConfig feedForward = config.feedForward();
        long hidden = config.hiddenSize();
        long query = config.queryWidth();
        long qkv = config.queryKeyValueWidth();
        long headNorms = config.attention().headNorms() ? query + config.keyValueWidth() : 0;
        long inner = (long) feedForward.copies() * feedForward.intermediateSize();
        long gateUp = (long) feedForward.copies() * feedForward.hiddenWidth();
        long experts = feedForward.experts() == 0 ? 0 : feedForward.copies();
        long statistics = 2L * config.norm().statistics() + config.heads() + 2L * feedForward.experts();
        long block = 2 * hidden + qkv + query + headNorms + statistics + gateUp;
        long forward = 2 * hidden + inner + experts * hidden + 2 * hidden;
        long backward = 4 * hidden + experts * feedForward.intermediateSize() + query + qkv + headNorms;
        long blocks = forBackward && !checkpointing ? config.layers() : 1;
        long inputs = forBackward && checkpointing ? hidden * (config.layers() - 1) : 0;
        return blocks * block + inputs + forward + (forBackward ? backward : 0);
    }

    /** Bytes of the cached keys and values of one sequence of {@code positions} tokens. */
    public long cacheBytes(int positions) {
        return CacheLayout.pages(positions) * KeyValueCache.pageBytes(config, type);
    }
}
