package io.github.rlhf4j.web.runs;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.web.Json;
import io.github.rlhf4j.web.WebRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Lines to draw: metrics of stages, over steps, tokens or seconds, decimated to what a picture can show, also smoothed. */
final class Curves {
    private static final int MOST_COLUMNS = 4_000;
    private static final int USUAL_COLUMNS = 600;
    private static final String TOKENS = "num_tokens";
    private static final String SECONDS = "elapsed_s";

    private final RunFolders folders;
    private final MetricFiles files;

    Curves(RunFolders folders, MetricFiles files) {
        this.folders = folders;
        this.files = files;
    }

    /**
     * What is to be drawn.
     *
     * @param x steps, tokens or time
     * @param smoothing weight of what was before; 0: none
     */
    private record Wish(List<String> metrics, String x, double from, double to, int columns, double smoothing) {
        static Wish of(WebRequest request) {
            String x = request.find("x").orElse("steps");
            if (!List.of("steps", "tokens", "time").contains(x)) {
                throw new UserError("x must be steps, tokens or time, but is " + x);
            }
            double smoothing = request.number("smoothing").orElse(0.0);
            if (smoothing < 0 || smoothing >= 1) {
                throw new UserError("smoothing must be in [0, 1), but is " + smoothing);
            }
            return new Wish(
                    request.all("metric"),
                    x,
                    request.number("from").orElse(Double.NEGATIVE_INFINITY),
                    request.number("to").orElse(Double.POSITIVE_INFINITY),
                    (int) request.whole("columns", USUAL_COLUMNS, 1, MOST_COLUMNS),
                    smoothing);
        }
    }

    /** The lines of the stages, each {@code RUN:STAGE}, and metrics that a request names; of all metrics where it names none. {@code draft}: files are still being read, ask again for all points. */
    ObjectNode of(WebRequest request) {
        Wish wish = Wish.of(request);
        record Part(String name, Path folder) {}
        List<Part> parts = new ArrayList<>();
        for (String name : request.all("stage")) {
            int colon = name.lastIndexOf(':');
            if (colon < 0) {
                throw new UserError("stage must be RUN:STAGE, but is " + name);
            }
            parts.add(new Part(name, folders.stage(name.substring(0, colon), name.substring(colon + 1))));
        }
        List<Lines> all = parts.parallelStream()
                .map(part -> lines(part.name(), part.folder(), wish))
                .toList();
        ObjectNode answer = Json.object();
        answer.put("draft", all.stream().anyMatch(Lines::isDraft));
        ArrayNode curves = answer.putArray("curves");
        all.forEach(lines -> curves.addAll(lines.curves()));
        return answer;
    }

    /**
     * Of one stage.
     *
     * @param isDraft whether files are still being read, so that peaks may be missing
     */
    private record Lines(ArrayNode curves, boolean isDraft) {}

    private Lines lines(String stage, Path folder, Wish wish) {
        MetricFile metrics = files.of(folder, MetricFiles.METRICS);
        MetricFile places = wish.x().equals("time") ? files.of(folder, MetricFiles.TIMING) : metrics;
        Points.Axis axis = axis(places, wish.x());
        ArrayNode lines = Json.array();
        for (String metric : wish.metrics().isEmpty() ? metrics.metrics() : wish.metrics()) {
            Points all = metrics.points(metric).at(axis);
            if (all.size() > 0) {
                ObjectNode line = lines.addObject();
                line.put("stage", stage);
                line.put("metric", metric);
                line.put("points", all.size());
                put(line, "x", "y", all.decimated(wish.from(), wish.to(), wish.columns()));
                if (wish.smoothing() > 0) {
                    Points smooth = all.smoothed(wish.smoothing());
                    put(line, "sx", "sy", smooth.decimated(wish.from(), wish.to(), wish.columns()));
                }
            }
        }
        return new Lines(lines, metrics.isDraft() || places.isDraft());
    }

    private static Points.Axis axis(MetricFile places, String x) {
        return switch (x) {
            case "tokens" -> Points.Axis.of(places.points(TOKENS));
            case "time" -> Points.Axis.of(places.points(SECONDS));
            default -> Points.Axis.steps();
        };
    }

    private static void put(ObjectNode line, String x, String y, Points points) {
        ArrayNode places = line.putArray(x);
        ArrayNode values = line.putArray(y);
        for (int i = 0; i < points.size(); i++) {
            double place = points.x()[i];
            if (place == Math.rint(place)) {
                places.add((long) place);
            } else {
                places.add(place);
            }
            values.add(points.y()[i]);
        }
    }
}
