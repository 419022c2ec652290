package io.github.rlhf4j.pipeline.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.charts.Axis;
import java.util.ArrayList;
import java.util.List;

/** Whether a reward model is as sure as it may be: of each bin of predicted win rates the observed one, on the diagonal where it is calibrated; a sign's area is the bin's share of pairs. */
final class CalibrationChart {
    private static final int WIDTH = 360;
    private static final int SIZE = 260;
    private static final int LEFT = 52;
    private static final int BOTTOM = 42;

    private CalibrationChart() {}

    /** The chart, empty without bins. */
    static String figure(JsonNode bins) {
        long most = 0;
        for (JsonNode bin : bins) {
            most = Math.max(most, bin.path("n").asLong());
        }
        if (most == 0) {
            return "";
        }
        Axis x = new Axis(0, 1, LEFT, WIDTH - 14);
        Axis y = new Axis(0, 1, SIZE - BOTTOM, 10);
        StringBuilder out = new StringBuilder(Figure.begin(
                "calibration <small>observed over predicted win rate; on the line is right</small>",
                "calibration",
                WIDTH,
                SIZE));
        y.ticks(4).forEach(tick -> out.append(Figure.tickLeft(y, tick, LEFT, WIDTH - 14)));
        x.ticks(4).forEach(tick -> out.append(Figure.tickBelow(x, tick, 10, SIZE - BOTTOM, WIDTH)));
        out.append(Figure.text("tick", (LEFT + WIDTH - 14) / 2.0, SIZE - 8, "middle", "predicted"));
        out.append(Figure.line("zero", x.at(0), y.at(0), x.at(1), y.at(1)));
        List<List<?>> rows = new ArrayList<>();
        for (JsonNode bin : bins) {
            long n = bin.path("n").asLong();
            if (n > 0) {
                double predicted = bin.path("predicted").asDouble();
                double observed = bin.path("observed").asDouble();
                rows.add(List.of(predicted, observed, n));
                out.append(Figure.format(
                        "<circle class=\"mark m1 bubble\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"><title>predicted %s, observed %s, %d pairs</title></circle>",
                        x.at(predicted),
                        y.at(observed),
                        2.5 + 9 * Math.sqrt((double) n / most),
                        Html.number(predicted),
                        Html.number(observed),
                        n));
            }
        }
        return out.append(Figure.end(List.of("predicted", "observed", "pairs"), rows))
                .toString();
    }
}
