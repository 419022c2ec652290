package io.github.rlhf4j.reward.process;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.stage.LeftOutRows;
import io.github.rlhf4j.core.stage.StageContext.Evaluation;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.datasets.tokens.TokenizedSteps;
import io.github.rlhf4j.reward.FiniteScores;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Loss, mean over steps, and {@link StepMetrics} on held-out answers. */
final class StepEvaluation implements Evaluation {
    private static final int CHUNK = 256; // answers

    private final Examples<TokenizedSteps> rows;
    private final BatchScorer scorer;
    private final Supplier<LeftOutRows> noneLeftOut;

    /** @param noneLeftOut at the beginning of an evaluation */
    StepEvaluation(Examples<TokenizedSteps> rows, BatchScorer scorer, Supplier<LeftOutRows> noneLeftOut) {
        this.rows = rows;
        this.scorer = scorer;
        this.noneLeftOut = noneLeftOut;
    }

    @Override
    public Map<String, Double> evaluate() {
        LeftOutRows leftOut = noneLeftOut.get();
        StepMetrics metrics = new StepMetrics();
        double loss = 0;
        long steps = 0;
        for (long from = 0; from < rows.size(); from += CHUNK) {
            List<TokenizedSteps> chunk = new ArrayList<>();
            for (long i = from; i < Math.min(from + CHUNK, rows.size()); i++) {
                chunk.add(rows.get(i));
            }
            List<double[]> logOdds = logOdds(chunk, scorer);
            for (int i = 0; i < chunk.size(); i++) {
                if (leftOut.areAllowed() && !FiniteScores.are(logOdds.get(i))) {
                    leftOut.add(from + i);
                    continue;
                }
                boolean[] labels = chunk.get(i).labels();
                metrics.add(logOdds.get(i), labels);
                for (int step = 0; step < labels.length; step++) {
                    loss += StepLoss.of(logOdds.get(i)[step], labels[step]).loss();
                }
                steps += labels.length;
            }
        }
        FiniteScores.requireSome(leftOut.kept() > 0, "held-out answer");
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss", loss / steps);
        values.putAll(metrics.named());
        leftOut.report(values);
        return values;
    }

    /** Of each answer the log-odds of its labelled steps. */
    static List<double[]> logOdds(List<TokenizedSteps> rows, BatchScorer scorer) {
        List<List<TokenSequence>> sequences =
                rows.stream().map(row -> List.of(StepObjective.sequence(row))).toList();
        return scorer.score(sequences, 1).stream()
                .map(answer -> answer.get(0).scalars())
                .toList();
    }
}
