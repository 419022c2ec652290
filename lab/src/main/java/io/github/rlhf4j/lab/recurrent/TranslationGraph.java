package io.github.rlhf4j.lab.recurrent;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.rnn.DuplicateToTimeSeriesVertex;
import org.deeplearning4j.nn.conf.graph.rnn.LastTimeStepVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * The graphs of a translator: one to train, and its two halves to translate with. A vertex has the same name, and the same weights, in each.
 *
 * <pre>
 *   src (B, 1, S) -> srcEmb -> enc -> last -> context, at every step of the decoder (Cho et al. 2014)
 *   tgt (B, 1, T) -> tgtEmb + context -> dec [-> att over enc, concatenated, through tanh: Luong et al. 2015, global attention] -> out (B, V, T)
 * </pre>
 *
 * <p>Deviates from Sutskever et al. 2014: one layer, not four; the decoder begins with a state of zeros and sees the encoder's last state as an input. Deviates from Bahdanau et al. 2015: what attention finds does not enter the next
 * state, and scores are scaled dot products of projections. deeplearning4j has no layers for either.
 */
final class TranslationGraph {
    static final String SOURCE = "src";
    static final String TARGET = "tgt";
    static final String ENCODED = "enc";
    static final String LAST = "last";
    static final String CONTEXT = "context";
    static final String DECODED = "dec";
    static final String ATTENTION = "att";

    private final RecurrentShape shape;
    private final ISchedule learningRate;
    private final DataType type;

    TranslationGraph(RecurrentShape shape, ISchedule learningRate, DataType type) {
        this.shape = shape;
        this.learningRate = learningRate;
        this.type = type;
    }

    DataType type() {
        return type;
    }

    /** From a source and the target's words so far to the next word at every step. */
    ComputationGraph whole() {
        GraphBuilder graph = begin().addInputs(SOURCE, TARGET).setInputTypes(words(), words());
        addEncoder(graph);
        graph.addVertex(CONTEXT, new DuplicateToTimeSeriesVertex(TARGET), LAST);
        addDecoder(graph);
        return built(graph);
    }

    /** From a source to the encoder's states and the last of them. */
    ComputationGraph encoder() {
        GraphBuilder graph = begin().addInputs(SOURCE).setInputTypes(words());
        addEncoder(graph);
        graph.setOutputs(ENCODED, LAST);
        return built(graph);
    }

    /** From a word, the context (B, h, 1) and, with attention, the encoder's states (B, h, S) to the next word. */
    ComputationGraph decoder() {
        InputType states = InputType.recurrent(shape.hidden());
        GraphBuilder graph = begin();
        if (shape.attention()) {
            graph.addInputs(TARGET, CONTEXT, ENCODED).setInputTypes(words(), states, states);
        } else {
            graph.addInputs(TARGET, CONTEXT).setInputTypes(words(), states);
        }
        addDecoder(graph);
        return built(graph);
    }

    private InputType words() {
        return InputType.recurrent(shape.vocabulary());
    }

    private GraphBuilder begin() {
        return new NeuralNetConfiguration.Builder()
                .dataType(type)
                .updater(new Adam(learningRate))
                .gradientNormalization(GradientNormalization.ClipL2PerParamType)
                .gradientNormalizationThreshold(1)
                .graphBuilder();
    }

    private void addEncoder(GraphBuilder graph) {
        graph.addLayer("srcEmb", embedding(), SOURCE);
        graph.addLayer(ENCODED, lstm(), "srcEmb");
        graph.addVertex(LAST, new LastTimeStepVertex(SOURCE), ENCODED);
    }

    private void addDecoder(GraphBuilder graph) {
        graph.addLayer("tgtEmb", embedding(), TARGET);
        graph.addVertex("decIn", new MergeVertex(), "tgtEmb", CONTEXT);
        graph.addLayer(DECODED, lstm(), "decIn");
        String top = DECODED;
        if (shape.attention()) {
            graph.addVertex(ATTENTION, RepairedAttention.of(shape.hidden()), DECODED, ENCODED, ENCODED);
            graph.addVertex("topIn", new MergeVertex(), DECODED, ATTENTION);
            graph.addLayer("comb", combination(), "topIn");
            top = "comb";
        }
        graph.addLayer("out", output(), top).setOutputs("out");
    }

    private EmbeddingSequenceLayer embedding() {
        return new EmbeddingSequenceLayer.Builder()
                .nIn(shape.vocabulary())
                .nOut(shape.embedding())
                .build();
    }

    private LSTM lstm() {
        return new LSTM.Builder()
                .nOut(shape.hidden())
                .activation(Activation.TANH)
                .build();
    }

    private DenseLayer combination() {
        return new DenseLayer.Builder()
                .nOut(shape.hidden())
                .activation(Activation.TANH)
                .build();
    }

    private RnnOutputLayer output() {
        return new RnnOutputLayer.Builder(LossFunction.MCXENT)
                .activation(Activation.SOFTMAX)
                .nOut(shape.vocabulary())
                .build();
    }

    private static ComputationGraph built(GraphBuilder graph) {
        ComputationGraphConfiguration configuration = graph.build();
        ComputationGraph built = new ComputationGraph(configuration);
        built.init();
        return built;
    }
}
