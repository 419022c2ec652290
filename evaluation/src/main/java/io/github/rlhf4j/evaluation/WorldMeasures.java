package io.github.rlhf4j.evaluation;

import io.github.rlhf4j.world.HiddenUtility;
import io.github.rlhf4j.world.UtilityScore;

/** What the hidden utility of the synthetic world finds in answers. */
final class WorldMeasures {
    private final HiddenUtility utility;

    WorldMeasures(HiddenUtility utility) {
        this.utility = utility;
    }

    void measure(String prompt, Answer answer) {
        UtilityScore score = utility.utility(prompt, answer.text());
        answer.measure("hidden_utility", score.total());
        answer.measure("correct", score.correct());
        if (score.knowledge()) {
            answer.measure("factual_accuracy", score.factual());
        }
        answer.measure("invention_rate", score.invention());
        if (score.unanswerable()) {
            answer.measure("admission", score.admitted());
        }
        answer.measure("form", score.form());
        answer.measure("concise", score.concise());
        answer.measure("repetition", score.repetition());
        answer.measure("garbled", score.garbled());
    }
}
