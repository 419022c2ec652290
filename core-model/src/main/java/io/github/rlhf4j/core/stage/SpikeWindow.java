package io.github.rlhf4j.core.stage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.train.StepResult;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/**
 * Losses and gradient norms of the last 128 steps, against which the next step's are held, as OLMo's SkipStepOptimizer does: from 64 steps on, one that is more than so many standard deviations above the mean is a spike. Spikes
 * stay out of the window, but for those that follow {@link #MOST_IN_A_ROW} others: then the loss has moved.
 */
final class SpikeWindow {
    private static final int STEPS = 128;
    private static final int ENOUGH = 64;
    private static final int MOST_IN_A_ROW = 16;

    private final Deque<Double> losses = new ArrayDeque<>();
    private final Deque<Double> norms = new ArrayDeque<>();
    private int inARow;

    /** Adds a step; what is said of a spike, or nothing. */
    String add(StepResult step, double sigma) {
        String spike = spike("the loss", losses, step.loss(), sigma);
        spike = spike.isEmpty() ? spike("the gradient norm", norms, step.gradientNorm(), sigma) : spike;
        inARow = spike.isEmpty() ? 0 : inARow + 1;
        if (spike.isEmpty() || inARow > MOST_IN_A_ROW) {
            add(losses, step.loss());
            add(norms, step.gradientNorm());
        }
        return spike;
    }

    private static void add(Deque<Double> window, double value) {
        window.add(value);
        if (window.size() > STEPS) {
            window.remove();
        }
    }

    private static String spike(String what, Deque<Double> window, double value, double sigma) {
        if (window.size() < ENOUGH) {
            return "";
        }
        double mean = window.stream().mapToDouble(x -> x).average().orElse(0);
        double variance =
                window.stream().mapToDouble(x -> (x - mean) * (x - mean)).sum() / (window.size() - 1);
        double deviations = (value - mean) / Math.sqrt(variance);
        return deviations > sigma
                ? String.format(
                        Locale.ROOT,
                        "%s is %.4g, %.1f standard deviations above the mean %.4g of the last %d steps",
                        what,
                        value,
                        deviations,
                        mean,
                        window.size())
                : "";
    }

    void save(ObjectNode state) {
        state.put("in_a_row", inARow);
        ArrayNode savedLosses = state.putArray("losses");
        losses.forEach(savedLosses::add);
        ArrayNode savedNorms = state.putArray("norms");
        norms.forEach(savedNorms::add);
    }

    void restore(JsonNode state) {
        inARow = state.path("in_a_row").asInt();
        losses.clear();
        norms.clear();
        state.path("losses").forEach(loss -> add(losses, loss.asDouble()));
        state.path("norms").forEach(norm -> add(norms, norm.asDouble()));
    }
}
