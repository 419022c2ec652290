package io.github.rlhf4j.experiment;

import io.github.rlhf4j.pipeline.config.ConfigValue;
import io.github.rlhf4j.pipeline.config.Problems;
import java.util.ArrayList;
import java.util.List;

/**
 * A picture of one metric over another, a sign a group.
 *
 * @param name the title
 * @param x metrics to the right: one for each series
 * @param y metrics upwards: as many
 */
record Scatter(String name, List<String> x, List<String> y) {
    Scatter {
        x = List.copyOf(x);
        y = List.copyOf(y);
    }

    /** {@code scatter: {title: {x: METRIC, y: METRIC}}}; lists of metrics are series. */
    static List<Scatter> read(ConfigValue value, Problems problems) {
        List<Scatter> scatters = new ArrayList<>();
        if (!(value instanceof ConfigValue.Entries pictures)) {
            problems.add("experiment.scatter must be a map from a title to {x: METRIC, y: METRIC}, but is "
                    + value.toLine() + Section.where(value));
            return scatters;
        }
        pictures.entries().forEach((title, axes) -> {
            List<String> x = names(axes, "x");
            List<String> y = names(axes, "y");
            boolean hasOthers = axes instanceof ConfigValue.Entries given
                    && !List.of("x", "y").containsAll(given.entries().keySet());
            if (x.isEmpty() || x.size() != y.size() || hasOthers) {
                problems.add("experiment.scatter." + title
                        + " must be {x: METRIC, y: METRIC}, or lists of as many metrics of both, but is "
                        + axes.toLine() + Section.where(axes));
            } else {
                scatters.add(new Scatter(title, x, y));
            }
        });
        return scatters;
    }

    private static List<String> names(ConfigValue axes, String key) {
        ConfigValue value =
                axes instanceof ConfigValue.Entries map ? map.entries().get(key) : null;
        if (value instanceof ConfigValue.Scalar scalar && !scalar.isNull()) {
            return List.of(scalar.text());
        }
        return value instanceof ConfigValue.Items list
                ? list.items().stream()
                        .map(item -> item instanceof ConfigValue.Scalar name ? name.text() : item.toLine())
                        .toList()
                : List.of();
    }
}
