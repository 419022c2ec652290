package io.github.rlhf4j.lab.recurrent;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.model.TokenSequence;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A language model of one LSTM.
 *
 * <p>Deviates from AWD-LSTM, which Howard and Ruder 2018 use: one layer, not three, and no dropout.
 */
public final class RecurrentTextModel implements TextModel {
    private static final String TEXT = "text";

    private final int vocabulary;
    private final ComputationGraph graph;

    /** @param width of embeddings and state */
    public RecurrentTextModel(int vocabulary, int width, double learningRate, int warmupSteps, CounterRandom random) {
        this.vocabulary = vocabulary;
        graph = UnusedArrays.during(() -> graph(vocabulary, width, new Warmup(learningRate, warmupSteps)));
        Weights.draw(graph, random);
    }

    private static ComputationGraph graph(int vocabulary, int width, Warmup learningRate) {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .dataType(DataType.FLOAT)
                .updater(new Adam(learningRate))
                .gradientNormalization(GradientNormalization.ClipL2PerParamType)
                .gradientNormalizationThreshold(1)
                .graphBuilder()
                .addInputs(TEXT)
                .setInputTypes(InputType.recurrent(vocabulary))
                .addLayer(
                        "emb",
                        new EmbeddingSequenceLayer.Builder()
                                .nIn(vocabulary)
                                .nOut(width)
                                .build(),
                        TEXT)
                .addLayer(
                        "lstm",
                        new LSTM.Builder()
                                .nOut(width)
                                .activation(Activation.TANH)
                                .build(),
                        "emb")
                .addLayer(
                        "out",
                        new RnnOutputLayer.Builder(LossFunction.MCXENT)
                                .activation(Activation.SOFTMAX)
                                .nOut(vocabulary)
                                .build(),
                        "lstm")
                .setOutputs("out")
                .build());
        graph.init();
        return graph;
    }

    /** The width with which there are about so many weights. */
    public static int widthNear(long parameters, int vocabulary) {
        int width = 1;
        while (2L * vocabulary * width + 4L * width * (2L * width + 1) + vocabulary < parameters) {
            width++;
        }
        return width;
    }

    /** Takes another's weights; what Adam knows of earlier steps stays away. */
    public void copyWeights(RecurrentTextModel from) {
        Weights.copy(from.graph, graph);
    }

    @Override
    public long parameters() {
        return graph.params().length();
    }

    @Override
    public double train(List<TokenSequence> texts) {
        return UnusedArrays.during(() -> fit(texts));
    }

    private double fit(List<TokenSequence> texts) {
        List<int[]> read = texts.stream()
                .map(text -> Arrays.copyOf(text.ids(), text.length() - 1))
                .toList();
        List<int[]> expected = texts.stream()
                .map(text -> Arrays.copyOfRange(text.ids(), 1, text.length()))
                .toList();
        long targets = texts.stream().mapToLong(text -> text.targets().length).sum();
        try (WordArrays words = WordArrays.of(read, DataType.FLOAT);
                WordArrays next = WordArrays.oneHot(expected, vocabulary, DataType.FLOAT);
                WordArrays counted = WordArrays.mask(texts)) {
            graph.fit(
                    new INDArray[] {words.get(0)},
                    new INDArray[] {next.get(0)},
                    new INDArray[] {words.get(1)},
                    new INDArray[] {counted.get(0)});
            return graph.score() * texts.size() / targets;
        } finally {
            graph.clear();
        }
    }

    @Override
    public int[] choose(List<int[]> prompts, int[] choices) {
        return UnusedArrays.during(() -> chosen(prompts, choices));
    }

    private int[] chosen(List<int[]> prompts, int[] choices) {
        try (WordArrays words = WordArrays.of(prompts, DataType.FLOAT)) {
            graph.setLayerMaskArrays(new INDArray[] {words.get(1)}, null);
            INDArray probabilities = graph.output(false, words.get(0))[0]; // (B, V, T)
            int[] chosen = new int[prompts.size()];
            for (int i = 0; i < chosen.length; i++) {
                int last = prompts.get(i).length - 1;
                for (int choice = 1; choice < choices.length; choice++) {
                    if (probabilities.getDouble(i, choices[choice], last)
                            > probabilities.getDouble(i, choices[chosen[i]], last)) {
                        chosen[i] = choice;
                    }
                }
            }
            return chosen;
        } finally {
            graph.clear();
        }
    }

    @Override
    public void close() {
        Weights.close(graph);
    }
}
