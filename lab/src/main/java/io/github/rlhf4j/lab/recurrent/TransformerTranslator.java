package io.github.rlhf4j.lab.recurrent;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.generation.GenerationRequest;
import io.github.rlhf4j.core.generation.Generator;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.ModelSize;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tensor.DataType;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** A decoder-only transformer that reads the source, then BEGIN, and writes the translation: {@code source BEGIN target END}, with a loss on the target alone. */
public final class TransformerTranslator implements Translator {
    private final TransformerTextModel model;

    /**
     * @param learningRate of Adam, reached after {@code warmupSteps}
     * @param random draws the weights
     */
    public TransformerTranslator(
            ModelConfig config, double learningRate, int warmupSteps, Kernels kernels, CounterRandom random) {
        model = new TransformerTextModel(config, learningRate, warmupSteps, kernels, random);
    }

    /** A Llama with so many layers and about so many weights; embeddings are tied, and the feed-forward part has what is left beside a width with which it would be about 8/3 as wide as the model. */
    public static ModelConfig near(long parameters, int vocabulary, int layers, int heads, int context) {
        int width = 2 * heads; // a head has an even width
        while (parameters(vocabulary, width + 2 * heads, layers, heads) <= parameters) {
            width += 2 * heads;
        }
        long without = parameters(config(vocabulary, width, 1, layers, heads, context)) - 3L * width * layers;
        int inner = (int) Math.max(1, Math.round((parameters - without) / (3.0 * width * layers)));
        return config(vocabulary, width, inner, layers, heads, context);
    }

    private static long parameters(int vocabulary, int width, int layers, int heads) {
        return parameters(config(vocabulary, width, (8 * width + 2) / 3, layers, heads, 1));
    }

    private static ModelConfig config(int vocabulary, int width, int inner, int layers, int heads, int context) {
        return ModelConfig.llama(vocabulary, width, inner, layers, heads, heads, context, true);
    }

    private static long parameters(ModelConfig config) {
        return new ModelSize(config, Set.of(Head.LANGUAGE), DataType.FLOAT).parameters();
    }

    @Override
    public long parameters() {
        return model.parameters();
    }

    @Override
    public double train(List<TokenPair> batch) {
        return model.train(batch.stream().map(TransformerTranslator::sequence).toList());
    }

    private static TokenSequence sequence(TokenPair pair) {
        int[] prompt = prompt(pair.source());
        return TokenSequence.completion(
                joined(joined(prompt, pair.target()), new int[] {TokenPair.END}), prompt.length);
    }

    private static int[] prompt(int[] source) {
        return joined(source, new int[] {TokenPair.BEGIN});
    }

    private static int[] joined(int[] first, int[] second) {
        return IntStream.concat(IntStream.of(first), IntStream.of(second)).toArray();
    }

    @Override
    public List<int[]> translate(List<int[]> sources, int mostWords) {
        List<GenerationRequest> requests = sources.stream()
                .map(source -> new GenerationRequest(prompt(source), 1, CounterRandom.of(0)))
                .toList();
        try (Generator generator = new Generator(model())) {
            return generator.generate(requests, SamplingOptions.greedy(mostWords, new int[] {TokenPair.END})).stream()
                    .map(generated -> generated.idsWithoutStop())
                    .toList();
        }
    }

    /** The model, for measurements; it is this object's. */
    Transformer model() {
        return model.model();
    }

    @Override
    public long forwardFlops(int sourceWords, int targetWords) {
        ModelConfig config = model().config();
        long width = config.hiddenSize();
        long tokens = (long) sourceWords + targetWords; // END is predicted, not read; BEGIN is read
        long layer = 2 * (4 * width * width + 3 * width * config.intermediateSize());
        long attention = 4 * width * (tokens + 1) / 2; // causal: half of the pairs
        return tokens * config.layers() * (layer + attention) + 2L * targetWords * width * config.vocabSize();
    }

    @Override
    public void close() {
        model.close();
    }
}
