package io.github.rlhf4j.ranking;

import io.github.rlhf4j.core.CounterRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * A number with its interval of 95 %, by the bootstrap over items (percentiles of {@value #DRAWS} draws): items are what is independent, not the pairs within one.
 *
 * @param value of all items
 * @param low end of the interval; absent where there are fewer than two items
 * @param high end of the interval
 * @param count how many comparisons it is made of
 */
public record Estimate(double value, OptionalDouble low, OptionalDouble high, long count) {
    private static final int DRAWS = 1000;
    private static final double TAIL = 0.025;
    private static final CounterRandom RANDOM = CounterRandom.of(0).derive("agreement");

    /** Hits of tries, of an item. */
    record Share(double hits, double tries) {}

    /** Hits divided by tries; empty where there are no tries. */
    static Optional<Estimate> ratio(List<Share> items) {
        List<Share> some = items.stream().filter(share -> share.tries() > 0).toList();
        long tries = Math.round(some.stream().mapToDouble(Share::tries).sum());
        return of(some, tries, chosen -> {
            double hits = 0;
            double all = 0;
            for (Share share : chosen) {
                hits += share.hits();
                all += share.tries();
            }
            return all == 0 ? OptionalDouble.empty() : OptionalDouble.of(hits / all);
        });
    }

    /** Any statistic of items; empty where it is not defined for all of them. */
    static <T> Optional<Estimate> of(List<T> items, long count, Function<List<T>, OptionalDouble> statistic) {
        OptionalDouble value = statistic.apply(items);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (items.size() < 2) {
            return Optional.of(
                    new Estimate(value.getAsDouble(), OptionalDouble.empty(), OptionalDouble.empty(), count));
        }
        double[] drawn = new double[DRAWS];
        int defined = 0;
        for (int draw = 0; draw < DRAWS; draw++) {
            CounterRandom random = RANDOM.derive(draw);
            List<T> chosen = IntStream.range(0, items.size())
                    .mapToObj(i -> items.get(random.below(i, items.size())))
                    .toList();
            OptionalDouble result = statistic.apply(chosen);
            if (result.isPresent()) {
                drawn[defined++] = result.getAsDouble();
            }
        }
        double[] sorted = Arrays.copyOf(drawn, defined);
        Arrays.sort(sorted);
        return Optional.of(
                new Estimate(value.getAsDouble(), percentile(sorted, TAIL), percentile(sorted, 1 - TAIL), count));
    }

    private static OptionalDouble percentile(double[] sorted, double share) {
        if (sorted.length == 0) {
            return OptionalDouble.empty();
        }
        double at = share * (sorted.length - 1);
        int below = (int) Math.floor(at);
        int above = Math.min(sorted.length - 1, below + 1);
        return OptionalDouble.of(sorted[below] + (at - below) * (sorted[above] - sorted[below]));
    }
}
