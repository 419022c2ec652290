package io.github.rlhf4j.charts;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** A chart that is drawn in one way, as a file and in a page. */
abstract sealed class DrawnChart implements Chart permits BarChart, HeatMap, LineChart, ScatterChart {
    private final String title;

    DrawnChart(String title) {
        this.title = title;
    }

    @Override
    public final String title() {
        return title;
    }

    @Override
    public final String svg() {
        return drawn(new Drawing(title, true));
    }

    @Override
    public final String inline() {
        return drawn(new Drawing(title, false));
    }

    /** The svg element. */
    abstract String drawn(Drawing drawing);

    /** A series in each entry of the legend; none where there is only one series. */
    static List<Drawing.Entry> legend(List<String> names, IntFunction<String> sample) {
        List<Drawing.Entry> entries = new ArrayList<>();
        for (int i = 0; i < names.size() && names.size() > 1; i++) {
            entries.add(new Drawing.Entry(names.get(i), sample.apply(i)));
        }
        return entries;
    }
}
