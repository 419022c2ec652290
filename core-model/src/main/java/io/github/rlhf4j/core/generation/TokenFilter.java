package io.github.rlhf4j.core.generation;

import java.util.Arrays;

/**
 * Top-k, then top-p, then min-p, over weights that are proportional to probabilities, as Hugging Face's logits warpers do it: ties at top-k's edge all stay; top-p drops the least likely
 * tokens while their probabilities add up to no more than 1 - p.
 */
final class TokenFilter {
    private final SamplingOptions options;
    private final int[] kept; // ids, ascending
    private final long[] order; // [weight's bits | complement of the id], to sort by weight
    private float[] largest = new float[16];
    private int count;

    TokenFilter(SamplingOptions options, int vocabSize) {
        this.options = options;
        this.kept = new int[vocabSize];
        this.order = new long[options.topP() < 1 ? vocabSize : 0];
    }

    /** The first index of the largest weight. */
    static int top(float[] weights) {
        int top = 0;
        for (int i = 1; i < weights.length; i++) {
            top = weights[i] > weights[top] ? i : top;
        }
        return top;
    }

    /** The first index at which the cumulative sum exceeds {@code target}. */
    static int firstExceeding(float[] weights, double target) {
        double sum = 0;
        int i = 0;
        for (; i + 4 <= weights.length; i += 4) { // by fours, since each addition waits for the last one
            double next = sum + (((double) weights[i] + weights[i + 1]) + ((double) weights[i + 2] + weights[i + 3]));
            if (next > target) {
                break;
            }
            sum = next;
        }
        for (; i < weights.length; i++) {
            sum += weights[i];
            if (sum > target) {
                return i;
            }
        }
        return top(weights); // target was within rounding of the sum
    }

    /** An id among those that are kept. */
    int draw(float[] weights, double draw) {
        keep(weights);
        double total = total(weights);
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += weights[kept[i]];
            if (sum > draw * total) {
                return kept[i];
            }
        }
        return likeliestKept(weights); // the draw was within rounding of the sum
    }

    private int likeliestKept(float[] weights) {
        int likeliest = kept[0];
        for (int i = 1; i < count; i++) {
            likeliest = weights[kept[i]] > weights[likeliest] ? kept[i] : likeliest;
        }
        return likeliest;
    }

    private void keep(float[] weights) {
        int k = options.topK();
        keepFrom(weights, k > 0 && k < weights.length ? kthLargest(weights, k) : 0);
        if (options.topP() < 1) {
            keepNucleus(weights);
        }
        if (options.minP() > 0) {
            float max = 0;
            for (int i = 0; i < count; i++) {
                max = Math.max(max, weights[kept[i]]);
            }
            narrow(weights, max * options.minP());
        }
    }

    private void keepFrom(float[] weights, float threshold) {
        count = 0;
        for (int id = 0; id < weights.length; id++) {
            if (weights[id] >= threshold) {
                kept[count++] = id;
            }
        }
    }

    private void narrow(float[] weights, double threshold) {
        int left = 0;
        for (int i = 0; i < count; i++) {
            if (weights[kept[i]] >= threshold) {
                kept[left++] = kept[i];
            }
        }
        count = left;
    }

    private double total(float[] weights) {
        double total = 0;
        for (int i = 0; i < count; i++) {
            total += weights[kept[i]];
        }
        return total;
    }

    /** Tokens below the average of what may be dropped are all dropped, so only the others need sorting. */
    private void keepNucleus(float[] weights) {
        double droppable = (1 - options.topP()) * total(weights);
        double certain = droppable / count;
        double dropped = 0;
        int candidates = 0;
        for (int i = 0; i < count; i++) {
            float weight = weights[kept[i]];
            if (weight < certain) {
                dropped += weight;
            } else {
                order[candidates++] = (long) Float.floatToIntBits(weight) << 32 | (~kept[i] & 0xFFFFFFFFL);
            }
        }
        Arrays.sort(order, 0, candidates);
        int first = 0;
        while (first < candidates - 1) {
            dropped += Float.intBitsToFloat((int) (order[first] >>> 32));
            if (dropped > droppable) {
                break;
            }
            first++;
        }
        count = 0;
        for (int i = first; i < candidates; i++) {
            kept[count++] = ~(int) order[i];
        }
        Arrays.sort(kept, 0, count);
    }

    /** By a heap of the k largest, the least of them on top. */
    private float kthLargest(float[] weights, int k) {
        if (largest.length < k) {
            largest = new float[k];
        }
        System.arraycopy(weights, 0, largest, 0, k);
        for (int i = k / 2 - 1; i >= 0; i--) {
            sink(i, k);
        }
        for (int i = k; i < weights.length; i++) {
            if (weights[i] > largest[0]) {
                largest[0] = weights[i];
                sink(0, k);
            }
        }
        return largest[0];
    }

    private void sink(int start, int size) {
        int i = start;
        while (2 * i + 1 < size) {
            int child = 2 * i + 1;
            if (child + 1 < size && largest[child + 1] < largest[child]) {
                child++;
            }
            if (largest[i] <= largest[child]) {
                return;
            }
            float swap = largest[i];
            largest[i] = largest[child];
            largest[child] = swap;
            i = child;
        }
    }
}
