package io.github.rlhf4j.evaluation;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/** One sampled answer and what was measured on it, by metric; a metric that means nothing for this prompt is absent. */
final class Answer {
    private final int[] ids;
    private final String text;
    private final boolean ended;
    private final Map<String, Double> measures = new LinkedHashMap<>();

    /**
     * An answer.
     *
     * @param ids the new tokens, the stop token included
     * @param text without special tokens
     * @param ended whether a stop token ended it
     */
    Answer(int[] ids, String text, boolean ended) {
        this.ids = ids;
        this.text = text;
        this.ended = ended;
    }

    int[] ids() {
        return ids;
    }

    String text() {
        return text;
    }

    boolean ended() {
        return ended;
    }

    void measure(String metric, double value) {
        measures.put(metric, value);
    }

    void measure(String metric, boolean value) {
        measures.put(metric, value ? 1.0 : 0.0);
    }

    Map<String, Double> measures() {
        return measures;
    }

    OptionalDouble measure(String metric) {
        Double value = measures.get(metric);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }
}
