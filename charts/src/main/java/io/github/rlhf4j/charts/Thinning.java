package io.github.rlhf4j.charts;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Fewer points of a long line: neighbours become one. */
public final class Thinning {
    private Thinning() {}

    /**
     * The points, where there are not too many.
     *
     * @param points in their order
     * @param most points that stay
     * @param merged of neighbours, at least two where it is not the last
     */
    public static <P> List<P> of(List<P> points, int most, Function<List<P>, P> merged) {
        int group = (points.size() + most - 1) / most;
        if (group <= 1) {
            return points;
        }
        List<P> thinned = new ArrayList<>();
        for (int first = 0; first < points.size(); first += group) {
            thinned.add(merged.apply(points.subList(first, Math.min(points.size(), first + group))));
        }
        return thinned;
    }
}
