package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.stage.StageContext.Evaluation;
import io.github.rlhf4j.core.stage.StageLoop;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * A stage's rows with the reference's log-probs.
 *
 * @param loop the steps of training
 * @param held the evaluation sets by name
 * @param <T> the example
 */
record ScoredRows<T>(StageLoop<WithRefLogProbs<T>> loop, Map<String, HeldOut<T>> held) {
    /** An evaluation of each evaluation set. */
    Map<String, Evaluation> evaluations(Function<HeldOut<T>, Evaluation> evaluation) {
        Map<String, Evaluation> evaluations = new LinkedHashMap<>();
        held.forEach((name, set) -> evaluations.put(name, evaluation.apply(set)));
        return evaluations;
    }
}
