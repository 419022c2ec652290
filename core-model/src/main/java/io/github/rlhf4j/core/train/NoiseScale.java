package io.github.rlhf4j.core.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * The simple noise scale of a step's gradient, which tells the batch size from which on more examples a step are of little use (McCandlish et al. 2018, An Empirical Model of Large-Batch Training, arXiv:1812.06162, Appendix A.1).
 *
 * <pre>
 *   signal |G|^2 = (B |G_B|^2 - b |G_b|^2) / (B - b)
 *   noise  tr S  = (|G_b|^2 - |G_B|^2) / (1 / b - 1 / B)
 *   B_simple     = tr S / |G|^2
 * </pre>
 *
 * <p>G_B is the gradient of the step's B examples, before clipping, G_b that of some of them; |G_b|^2 is the mean over up to eight equal parts of the step. Both estimates are unbiased, and noisy: B_simple is the quotient of their moving
 * averages.
 */
final class NoiseScale {
    private static final int PARTS = 8;
    private static final double KEEP = 0.9; // of the moving averages, a measurement

    private final long every;
    private double signal; // of the moving averages, the weight of all measurements so far left in
    private double noise;

    /** @param every steps from one measurement to the next; the first is in the first step */
    NoiseScale(long every) {
        this.every = every;
    }

    boolean isDue(long stepsDone) {
        return stepsDone % every == 0;
    }

    /** Into how many parts a step of so many examples is cut; fewer than two: it cannot be measured. */
    static int parts(int examples) {
        return Math.min(PARTS, examples);
    }

    /** A part of the examples of each term, all parts alike in size: the rest is left out. */
    static List<WeightedObjective<?>> part(List<WeightedObjective<?>> terms, int part, int parts) {
        List<WeightedObjective<?>> some = new ArrayList<>();
        terms.forEach(term -> some.add(part(term, part, parts)));
        return some;
    }

    private static <E> WeightedObjective<E> part(WeightedObjective<E> term, int part, int parts) {
        int size = term.examples().size() / parts;
        return new WeightedObjective<>(
                term.examples().subList(part * size, (part + 1) * size), term.objective(), term.weight());
    }

    /**
     * Takes a measurement; one that is not finite, of a step that cannot be done, is none.
     *
     * @param small |G_b|^2 of {@code smallExamples}
     * @param large |G_B|^2 of {@code largeExamples}
     */
    void add(double small, int smallExamples, double large, int largeExamples, StepMetrics metrics) {
        if (!Double.isFinite(small) || !Double.isFinite(large)) {
            return;
        }
        double b = smallExamples;
        double all = largeExamples;
        double newSignal = (all * large - b * small) / (all - b);
        double newNoise = (small - large) / (1 / b - 1 / all);
        signal = KEEP * signal + (1 - KEEP) * newSignal;
        noise = KEEP * noise + (1 - KEEP) * newNoise;
        metrics.set("gradient_signal", newSignal);
        metrics.set("gradient_noise", newNoise);
        if (signal > 0 && noise > 0) {
            metrics.set("gradient_noise_scale", noise / signal);
        }
    }

    void save(ObjectNode state) {
        state.put("gradient_signal", signal);
        state.put("gradient_noise", noise);
    }

    void restore(ObjectNode state) {
        signal = state.path("gradient_signal").asDouble();
        noise = state.path("gradient_noise").asDouble();
    }
}
