package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.train.OptimizerSettings;
import java.util.ArrayList;
import java.util.List;

/** Says how likely responses are: a model without gradients, such as the reference. */
@FunctionalInterface
public interface ResponseLogProbs {
    /**
     * Log-probabilities of whole responses, nats.
     *
     * @param groups the responses of each example
     * @return (examples, responses)
     */
    double[][] score(List<List<TokenSequence>> groups);

    /** Each example with the log-probabilities of its responses. */
    default <T> List<WithRefLogProbs<T>> score(List<T> examples, ResponseLayout<T> layout) {
        double[][] logProbs = score(examples.stream().map(layout::of).toList());
        List<WithRefLogProbs<T>> scored = new ArrayList<>();
        for (int i = 0; i < logProbs.length; i++) {
            scored.add(new WithRefLogProbs<>(examples.get(i), logProbs[i]));
        }
        return scored;
    }

    /** Several pieces, which may be computed at once, each by itself. */
    default List<double[][]> scoreEach(List<List<List<TokenSequence>>> pieces) {
        return pieces.stream().map(this::score).toList();
    }

    /** How many pieces {@link #scoreEach} had best be given. */
    default int pieces() {
        return 1;
    }

    /**
     * Those of a model, as its weights are when they are asked for.
     *
     * @param settings of its trainer: the size of micro-batches
     */
    static ResponseLogProbs of(Transformer model, OptimizerSettings settings) {
        return new ModelScorer(model, settings, ResponseSums.WHOLE);
    }
}
