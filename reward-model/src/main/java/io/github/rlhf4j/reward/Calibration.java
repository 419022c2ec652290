package io.github.rlhf4j.reward;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether predicted win probabilities come true: comparisons in bins of what the model gives its favourite, against how often that was preferred.
 *
 * <p>A favourite's probability is at least 1/2, so the bins cut [1/2, 1] into equal parts; a comparison of equal scores counts half. The expected
 * calibration error is the mean over comparisons of |predicted - observed| of their bin (Guo et al. 2017, arXiv:1706.04599, Eq. 3). Immutable.
 */
public final class Calibration {
    private final long[] counts;
    private final double[] predicted;
    private final double[] observed;

    /**
     * One bin.
     *
     * @param from lower border of the favourite's predicted probability
     * @param to upper border
     * @param count comparisons in it
     * @param predicted mean predicted probability in it, NaN where it is empty
     * @param observed share of them whose favourite was preferred, NaN where it is empty
     */
    public record Bin(double from, double to, long count, double predicted, double observed) {}

    private Calibration(long[] counts, double[] predicted, double[] observed) {
        this.counts = counts;
        this.predicted = predicted;
        this.observed = observed;
    }

    /** Nothing seen yet, with {@code bins} > 0 bins. */
    public static Calibration empty(int bins) {
        if (bins <= 0) {
            throw new IllegalArgumentException("bins must be > 0, but is " + bins);
        }
        return new Calibration(new long[bins], new double[bins], new double[bins]);
    }

    /** With every comparison of one prompt's responses; ties of the ranking are not compared. */
    public Calibration plus(double[] scores, int[] ranks) {
        Rankings.check(scores, ranks);
        Calibration next = new Calibration(counts.clone(), predicted.clone(), observed.clone());
        for (int better = 0; better < scores.length; better++) {
            for (int worse = 0; worse < scores.length; worse++) {
                if (ranks[better] < ranks[worse]) {
                    next.count(scores[better] - scores[worse]);
                }
            }
        }
        return next;
    }

    private void count(double margin) {
        double favourite = BradleyTerry.winProbability(Math.abs(margin), 0);
        int bin = Math.min((int) ((favourite - 0.5) * 2 * counts.length), counts.length - 1);
        counts[bin]++;
        predicted[bin] += favourite;
        observed[bin] += margin > 0 ? 1 : margin == 0 ? 0.5 : 0;
    }

    /** The bins, lowest first. */
    public List<Bin> bins() {
        List<Bin> bins = new ArrayList<>();
        for (int i = 0; i < counts.length; i++) {
            bins.add(new Bin(border(i), border(i + 1), counts[i], predicted[i] / counts[i], observed[i] / counts[i]));
        }
        return bins;
    }

    void save(ObjectNode state) {
        ArrayNode bins = state.putArray("bins");
        for (int i = 0; i < counts.length; i++) {
            bins.addObject().put("n", counts[i]).put("predicted", predicted[i]).put("observed", observed[i]);
        }
    }

    /** What {@link #save} wrote; nothing seen where that is of another number of bins. */
    static Calibration restore(ObjectNode state, int bins) {
        Calibration restored = empty(bins);
        JsonNode saved = state.path("bins");
        for (int i = 0; saved.size() == bins && i < bins; i++) {
            restored.counts[i] = saved.get(i).path("n").asLong();
            restored.predicted[i] = saved.get(i).path("predicted").asDouble();
            restored.observed[i] = saved.get(i).path("observed").asDouble();
        }
        return restored;
    }

    /** The expected calibration error, in [0, 1]; 0 where nothing was seen. */
    public double expectedError() {
        double error = 0;
        long total = 0;
        for (int i = 0; i < counts.length; i++) {
            error += Math.abs(predicted[i] - observed[i]);
            total += counts[i];
        }
        return total == 0 ? 0 : error / total;
    }

    private double border(int index) {
        return 0.5 + 0.5 * index / counts.length;
    }
}
