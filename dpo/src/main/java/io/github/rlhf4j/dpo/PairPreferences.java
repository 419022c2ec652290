package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.datasets.tokens.TokenizedPair;
import io.github.rlhf4j.datasets.training.ExampleKind;

/**
 * Pairs, by a {@link PreferenceLoss}.
 *
 * @param choice the names that it was made of; its beta scales the reported rewards
 */
record PairPreferences(LossChoice choice, PreferenceLoss loss, WeightingConfig weighting)
        implements PreferenceKind<TokenizedPair> {
    @Override
    public ExampleKind<?, TokenizedPair> rows() {
        return ExampleKind.PAIRS;
    }

    @Override
    public ResponseLayout<TokenizedPair> layout() {
        return ResponseLayout::pair;
    }

    @Override
    public boolean needsReference() {
        return loss.needsReference();
    }

    @Override
    public ResponseSums sums() {
        return weighting.sums();
    }

    @Override
    public String[] names(TokenizedPair pair) {
        return new String[] {"chosen", "rejected"};
    }

    @Override
    public String atTheStart() {
        return "the sigmoid loss is ln 2 = 0.693147";
    }

    @Override
    public Objective<WithRefLogProbs<TokenizedPair>> objective(Comparisons comparisons) {
        return new PreferenceObjective(loss, choice.beta(), weighting.useWeighting(), weighting.sums(), comparisons);
    }

    @Override
    public TravellingPairLoss travelling() {
        return new TravellingPairLoss(choice, loss, weighting.useWeighting(), weighting.sums());
    }
}
