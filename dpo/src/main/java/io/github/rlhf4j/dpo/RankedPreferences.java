package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.datasets.tokens.TokenizedRanking;
import io.github.rlhf4j.datasets.training.ExampleKind;
import java.util.Arrays;

/**
 * Rankings, by {@link PlackettLuceObjective}; a pair is a ranking of two.
 *
 * @param beta strength of the pull towards the reference
 */
record RankedPreferences(double beta) implements PreferenceKind<TokenizedRanking> {
    /** Its name as a {@code loss_type}. */
    static final String NAME = "plackett_luce";

    @Override
    public ExampleKind<?, TokenizedRanking> rows() {
        return ExampleKind.RANKINGS;
    }

    @Override
    public ResponseLayout<TokenizedRanking> layout() {
        return ResponseLayout::ranking;
    }

    @Override
    public boolean needsReference() {
        return true;
    }

    @Override
    public ResponseSums sums() {
        return ResponseSums.WHOLE;
    }

    @Override
    public String[] names(TokenizedRanking ranking) {
        return Arrays.stream(ranking.ranks()).mapToObj(rank -> "rank " + rank).toArray(String[]::new);
    }

    @Override
    public String atTheStart() {
        return "the loss of K responses without ties is ln K!";
    }

    @Override
    public Objective<WithRefLogProbs<TokenizedRanking>> objective(Comparisons comparisons) {
        return new PlackettLuceObjective(beta, comparisons);
    }

    @Override
    public TravellingPlackettLuce travelling() {
        return new TravellingPlackettLuce(beta);
    }
}
