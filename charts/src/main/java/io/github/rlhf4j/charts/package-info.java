/**
 * Charts as SVG and CSV: lines with bands and fits, scatter with a Pareto front, bars with intervals, heat maps. They can be told apart in black and white and follow a page's or reader's dark theme. Start at {@link
 * io.github.rlhf4j.charts.LineChart}.
 *
 * <pre>{@code
 * Chart chart = new LineChart("Loss by size", "parameters", "loss, nats")
 *         .logX()
 *         .line("measured", List.of(Point.of(1e6, 3.1, 0.02), Point.of(4e6, 2.7, 0.03)))
 *         .fit("E + A / N^a", curve);
 * Files.writeString(svg, chart.svg());
 * Files.writeString(csv, chart.csv());
 * }</pre>
 */
@NullMarked
package io.github.rlhf4j.charts;

import org.jspecify.annotations.NullMarked;
