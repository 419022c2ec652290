package io.github.rlhf4j.rlaif;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.datasets.Ranking;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.judge.Judge;
import io.github.rlhf4j.judge.JudgeFailure;
import io.github.rlhf4j.judge.OpenJudge;
import io.github.rlhf4j.judge.Verdict;
import java.util.ArrayList;
import java.util.List;

/** Holds a judge against labels: one pair of each row, of two responses of different rank, drawn and in a drawn order, so that pairs are independent. */
final class JudgeEvaluation {
    private static final int AT_ONCE = 64;

    private final RecordSet<Ranking> rows;
    private final CounterRandom random;

    JudgeEvaluation(RecordSet<Ranking> rows, CounterRandom random) {
        this.rows = rows;
        this.random = random.derive("labelled pairs");
    }

    Agreement of(OpenJudge judge) {
        Agreement agreement = new Agreement();
        for (long from = 0; from < rows.size(); from += AT_ONCE) {
            List<Judge.Pair> pairs = new ArrayList<>();
            List<Boolean> firstIsBetter = new ArrayList<>();
            for (long row = from; row < Math.min(rows.size(), from + AT_ONCE); row++) {
                draw(rows.get(row), random.derive(row), pairs, firstIsBetter);
            }
            long first = from;
            List<Verdict> verdicts =
                    JudgeFailure.named(() -> judge.verdicts(pairs), pair -> rows.describe(first + pair));
            for (int i = 0; i < pairs.size(); i++) {
                agreement.add(verdicts.get(i), firstIsBetter.get(i));
            }
        }
        return agreement;
    }

    private static void draw(
            Ranking ranking, CounterRandom random, List<Judge.Pair> pairs, List<Boolean> firstIsBetter) {
        List<int[]> different = new ArrayList<>();
        for (int i = 0; i < ranking.ranks().size(); i++) {
            for (int j = 0; j < ranking.ranks().size(); j++) {
                if (ranking.ranks().get(i) < ranking.ranks().get(j)) {
                    different.add(new int[] {i, j});
                }
            }
        }
        int[] drawn = different.get(random.below(0, different.size()));
        Judge.Pair pair = new Judge.Pair(
                Texts.of(ranking.prompt()),
                Texts.of(ranking.responses().get(drawn[0])),
                Texts.of(ranking.responses().get(drawn[1])));
        boolean isInOrder = random.uniform(1) < 0.5;
        pairs.add(isInOrder ? pair : pair.swapped());
        firstIsBetter.add(isInOrder);
    }
}
