package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.model.Transformer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Choosers of a model's tokens, which have arrays of the vocabulary's size: one for all requests whose options choose alike, and no more than a few. */
final class TokenChoosers {
    private static final int[] NONE = {};
    private static final int MOST = 64;

    private final Transformer model;
    private final Map<Key, TokenChooser> choosers = new HashMap<>(); // looked up only

    TokenChoosers(Transformer model) {
        this.model = model;
    }

    /** Options with which one chooser serves several requests. */
    private record Key(SamplingOptions options, List<Integer> endingIds) {
        static Key of(SamplingOptions options) {
            List<Integer> endings = IntStream.of(options.endingIds()).boxed().toList();
            SamplingOptions alike = new SamplingOptions(
                    options.greedy(),
                    options.temperature(),
                    options.topP(),
                    options.topK(),
                    options.minP(),
                    options.repetitionPenalty(),
                    1,
                    NONE,
                    false);
            return new Key(alike, endings);
        }
    }

    TokenChooser of(SamplingOptions options) {
        if (choosers.size() > MOST) {
            choosers.clear();
        }
        return choosers.computeIfAbsent(
                Key.of(options),
                key -> new TokenChooser(model.kernels(), options, model.config().vocabSize(), false, model::notFinite));
    }

    /** How many there are. */
    int size() {
        return choosers.size();
    }
}
