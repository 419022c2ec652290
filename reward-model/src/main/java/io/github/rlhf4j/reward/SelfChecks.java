package io.github.rlhf4j.reward;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.datasets.tokens.TokenizedRanking;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What must hold before the first step; a failure stops the run. */
final class SelfChecks {
    private static final double TOLERANCE = 1e-4; // relative to the largest score, at least 1
    private static final int RANKINGS = 4;
    private static final int SHOWN = 300; // characters of a text

    private final StageContext context;
    private final Tokenizer tokenizer;

    SelfChecks(StageContext context, Tokenizer tokenizer) {
        this.context = context;
        this.tokenizer = tokenizer;
    }

    /** Shows a row as it is trained on: each response, between the marks, is scored at its last token. */
    void showRow(TokenizedRanking ranking) {
        StringBuilder line = new StringBuilder("a training row: ").append(shown(ranking.promptIds()));
        for (int k = 0; k < ranking.ranks().length; k++) {
            line.append(" [[rank ").append(ranking.ranks()[k]).append(": ");
            line.append(shown(ranking.responseIds()[k])).append("]]");
        }
        context.note(line.toString());
    }

    /** Every response ends with an end token, which is where it is scored. */
    void scoredAtTheEndToken(List<TokenizedRanking> rankings) {
        long responses = 0;
        long ended = 0;
        for (TokenizedRanking ranking : rankings) {
            for (int[] response : ranking.responseIds()) {
                responses++;
                ended += tokenizer.isStop(response[response.length - 1]) ? 1 : 0;
            }
        }
        context.selfCheck(
                "responses are scored at their end token",
                ended == responses,
                ended + " of " + responses + " responses of the first step end with it");
    }

    /** A response's score is the same alone and beside others, its prompt shared or not. */
    void scoresDoNotDependOnTheBatch(List<TokenizedRanking> rankings, RewardModelScorer scorer) {
        List<TokenizedRanking> some = rankings.subList(0, Math.min(RANKINGS, rankings.size()));
        double[] together =
                scorer.score(some).stream().flatMapToDouble(Arrays::stream).toArray();
        List<Double> alone = new ArrayList<>();
        for (TokenizedRanking ranking : some) {
            for (TokenSequence sequence : RankingObjective.sequences(ranking)) {
                alone.add(scorer.scoreSingles(List.of(sequence))[0]);
            }
        }
        double largest = 0;
        double scale = 1;
        for (int i = 0; i < together.length; i++) {
            largest = Math.max(largest, FiniteScores.distance(together[i], alone.get(i)));
            scale = Math.max(scale, FiniteScores.size(together[i]));
        }
        context.selfCheck(
                "scores do not depend on the batch",
                largest <= TOLERANCE * scale,
                String.format(
                        Locale.ROOT,
                        "%d responses alone and together differ by at most %.1e",
                        together.length,
                        largest));
    }

    private String shown(int[] ids) {
        String text = tokenizer.decode(ids, false).replace("\n", "\\n");
        return text.length() <= SHOWN
                ? text
                : text.substring(0, SHOWN / 2) + " ... " + text.substring(text.length() - SHOWN / 2);
    }
}
