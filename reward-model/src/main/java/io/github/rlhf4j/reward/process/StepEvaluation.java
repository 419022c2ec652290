package io.github.rlhf4j.reward.process;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.stage.StageContext.Evaluation;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.datasets.tokens.TokenizedSteps;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Loss, mean over steps, and {@link StepMetrics} on held-out answers. */
final class StepEvaluation implements Evaluation {
    private static final int CHUNK = 256; // answers

    private final Examples<TokenizedSteps> rows;
    private final BatchScorer scorer;

    StepEvaluation(Examples<TokenizedSteps> rows, BatchScorer scorer) {
        this.rows = rows;
        this.scorer = scorer;
    }

    @Override
    public Map<String, Double> evaluate() {
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
                boolean[] labels = chunk.get(i).labels();
                metrics.add(logOdds.get(i), labels);
                for (int step = 0; step < labels.length; step++) {
                    loss += StepLoss.of(logOdds.get(i)[step], labels[step]).loss();
                }
                steps += labels.length;
            }
        }
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss", loss / steps);
        values.putAll(metrics.named());
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
