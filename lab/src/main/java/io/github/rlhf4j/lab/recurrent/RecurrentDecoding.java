package io.github.rlhf4j.lab.recurrent;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Writes translations with the two halves of a translator, a word at a time: the whole graph would read the source again for each. Owns both until {@link #close}. */
final class RecurrentDecoding implements AutoCloseable {
    private static final int BATCH = 64;

    private final RecurrentTranslator model;
    private final ComputationGraph encoder;
    private final ComputationGraph decoder;

    RecurrentDecoding(RecurrentTranslator model) {
        this.model = model;
        encoder = model.encoder();
        decoder = model.decoder();
    }

    List<int[]> translate(List<int[]> sources, int mostWords) {
        List<int[]> translations = new ArrayList<>();
        for (int from = 0; from < sources.size(); from += BATCH) {
            List<int[]> batch = sources.subList(from, Math.min(sources.size(), from + BATCH));
            translations.addAll(UnusedArrays.during(() -> translateTogether(batch, mostWords)));
        }
        return translations;
    }

    private List<int[]> translateTogether(List<int[]> sources, int mostWords) {
        try (WordArrays arrays = WordArrays.of(sources, model.type());
                Encoded encoded = encode(arrays)) {
            begin(arrays);
            int[][] written = new int[sources.size()][mostWords];
            int[] lengths = new int[sources.size()];
            boolean[] ended = new boolean[sources.size()];
            int[] words = new int[sources.size()];
            Arrays.fill(words, TokenPair.BEGIN);
            for (int step = 0; step < mostWords && !allOf(ended); step++) {
                words = next(words, encoded);
                for (int i = 0; i < words.length; i++) {
                    ended[i] |= words[i] == TokenPair.END;
                    if (!ended[i]) {
                        written[i][lengths[i]++] = words[i];
                    }
                }
            }
            List<int[]> translations = new ArrayList<>();
            for (int i = 0; i < written.length; i++) {
                translations.add(Arrays.copyOf(written[i], lengths[i]));
            }
            return translations;
        }
    }

    private static boolean allOf(boolean[] values) {
        for (boolean value : values) {
            if (!value) {
                return false;
            }
        }
        return true;
    }

    /** What the decoder sees of a source: (B, h, S) and (B, h, 1). */
    record Encoded(INDArray states, INDArray context) implements AutoCloseable {
        @Override
        public void close() {
            states.close();
        }
    }

    Encoded encode(WordArrays sources) {
        encoder.setLayerMaskArrays(new INDArray[] {sources.get(1)}, null);
        INDArray[] outputs = encoder.output(false, sources.get(0));
        encoder.clear();
        return new Encoded(outputs[0], outputs[1].reshape(outputs[1].size(0), outputs[1].size(1), 1));
    }

    /** Forgets what was written before. */
    void begin(WordArrays sources) {
        decoder.rnnClearPreviousState();
        if (model.shape().attention()) {
            decoder.setLayerMaskArrays(new INDArray[] {null, null, sources.get(1)}, null);
        }
    }

    /** The most likely word after each of {@code words}. */
    int[] next(int[] words, Encoded encoded) {
        float[] ids = new float[words.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = words[i];
        }
        try (INDArray floats = Nd4j.create(ids, new long[] {ids.length, 1, 1}, 'c')) {
            INDArray input = floats.castTo(model.type());
            INDArray[] inputs = model.shape().attention()
                    ? new INDArray[] {input, encoded.context(), encoded.states()}
                    : new INDArray[] {input, encoded.context()};
            return RecurrentTranslator.largest(decoder.rnnTimeStep(inputs)[0]);
        }
    }

    @Override
    public void close() {
        Weights.close(encoder);
        Weights.close(decoder);
    }
}
