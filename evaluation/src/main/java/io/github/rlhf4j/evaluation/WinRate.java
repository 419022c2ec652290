package io.github.rlhf4j.evaluation;

import java.util.List;

/** The chance that an answer beats the baseline's to the same prompt: every sample against every sample, a tie counts 1/2. */
final class WinRate {
    private final String metric;

    /** @param metric what decides; more is better */
    WinRate(String metric) {
        this.metric = metric;
    }

    /** Measures {@code win_rate} on every answer, where both sides have the deciding metric. */
    void measure(ModelAnswers model, ModelAnswers baseline) {
        for (int prompt = 0; prompt < model.byPrompt().size(); prompt++) {
            double[] others = baseline.byPrompt().get(prompt).stream()
                    .flatMapToDouble(answer -> answer.measure(metric).stream())
                    .toArray();
            List<Answer> answers = model.byPrompt().get(prompt);
            for (Answer answer : answers) {
                if (others.length > 0) {
                    answer.measure(metric).ifPresent(own -> answer.measure("win_rate", winRate(own, others)));
                }
            }
        }
    }

    static double winRate(double own, double[] others) {
        double wins = 0;
        for (double other : others) {
            wins += own > other ? 1 : own == other ? 0.5 : 0;
        }
        return wins / others.length;
    }
}
