package io.github.rlhf4j.lab.recurrent;

import io.github.rlhf4j.core.CounterRandom;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * An encoder and a decoder of LSTMs, without or with attention.
 *
 * <p>The same seed gives the same weights to the bit on one processor and with one version of deeplearning4j. Its libraries choose their products by processor, so on another the last bits differ; they compute in one thread where the launcher has set {@code OMP_NUM_THREADS=1}.
 */
public final class RecurrentTranslator implements Translator {
    private final RecurrentShape shape;
    private final DataType type;
    private final ComputationGraph graph;
    private final TranslationGraph graphs;
    private boolean isDifferentiated;

    /**
     * @param learningRate of Adam, reached after {@code warmupSteps}
     * @param random draws the weights
     */
    public RecurrentTranslator(RecurrentShape shape, double learningRate, int warmupSteps, CounterRandom random) {
        this(shape, new TranslationGraph(shape, new Warmup(learningRate, warmupSteps), DataType.FLOAT), random);
    }

    RecurrentTranslator(RecurrentShape shape, TranslationGraph graphs, CounterRandom random) {
        this.shape = shape;
        this.graphs = graphs;
        this.type = graphs.type();
        graph = UnusedArrays.during(graphs::whole);
        Weights.draw(graph, random);
    }

    ComputationGraph graph() {
        return graph;
    }

    @Override
    public long parameters() {
        return graph.params().length(); // numParams() leaves out the attention's
    }

    @Override
    public long forwardFlops(int sourceWords, int targetWords) {
        return shape.forwardFlops(sourceWords, targetWords);
    }

    @Override
    public double train(List<TokenPair> batch) {
        if (isDifferentiated) {
            return UnusedArrays.during(() -> fit(batch));
        }
        isDifferentiated = true;
        return SilentOutput.during(() -> UnusedArrays.during(() -> fit(batch)));
    }

    private double fit(List<TokenPair> batch) {
        try (PairArrays arrays = PairArrays.of(batch, shape.vocabulary(), type)) {
            graph.fit(arrays.features(), arrays.labels(), arrays.featureMasks(), arrays.labelMasks());
            return graph.score() * batch.size() / arrays.targetTokens(); // a score is a sum over time
        } finally {
            graph.clear();
        }
    }

    @Override
    public List<int[]> translate(List<int[]> sources, int mostWords) {
        try (RecurrentDecoding decoding = UnusedArrays.during(() -> new RecurrentDecoding(this))) {
            return decoding.translate(sources, mostWords);
        }
    }

    /** The two halves with the weights of now. */
    ComputationGraph encoder() {
        return halved(graphs.encoder());
    }

    ComputationGraph decoder() {
        return halved(graphs.decoder());
    }

    private ComputationGraph halved(ComputationGraph half) {
        Weights.copy(graph, half);
        return half;
    }

    RecurrentShape shape() {
        return shape;
    }

    DataType type() {
        return type;
    }

    /**
     * Where attention looks as the target is written.
     *
     * @return (T, S): for each word of the target, END last, weights of the source's words that add up to 1
     * @throws IllegalStateException where there is no attention
     */
    public double[][] alignment(TokenPair pair) {
        if (!shape.attention()) {
            throw new IllegalStateException("this model has no attention");
        }
        return UnusedArrays.during(() -> weights(pair));
    }

    private double[][] weights(TokenPair pair) {
        try (PairArrays arrays = PairArrays.of(List.of(pair), shape.vocabulary(), type)) {
            graph.setLayerMaskArrays(arrays.featureMasks(), arrays.labelMasks());
            var activations = graph.feedForward(arrays.features(), false);
            return AttentionWeights.of(
                    Weights.of(activations, TranslationGraph.DECODED),
                    Weights.of(activations, TranslationGraph.ENCODED),
                    graph.paramTable());
        } finally {
            graph.clear();
        }
    }

    @Override
    public void close() {
        Weights.close(graph);
    }

    /** For each row the id of its largest value. */
    static int[] largest(INDArray rows) {
        int[] ids = new int[(int) rows.size(0)];
        float[] values = rows.castTo(DataType.FLOAT).dup('c').data().asFloat();
        int width = values.length / ids.length;
        for (int row = 0; row < ids.length; row++) {
            for (int id = 1; id < width; id++) {
                if (values[row * width + id] > values[row * width + ids[row]]) {
                    ids[row] = id;
                }
            }
        }
        return ids;
    }
}
