package io.github.rlhf4j.lab;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A page as its page.yaml says it.
 *
 * @param title a few words
 * @param question what the page wants to know
 * @param expectations what is expected, written before the full run
 * @param run the run file beside page.yaml that each experiment runs; empty for none
 * @param measure the class that measures a run, or concludes from all; empty for none
 * @param base what both modes share
 * @param quick over the base: at most a minute
 * @param full over the base: meant for at most half an hour
 * @param pictures drawn from the means of groups
 * @param claims checked loosely at the end
 */
record Page(
        String title,
        String question,
        List<String> expectations,
        String run,
        String measure,
        Mode base,
        Mode quick,
        Mode full,
        List<Picture> pictures,
        List<Claim> claims) {
    @JsonCreator
    Page(
            @JsonProperty(value = "title", required = true) String title,
            @JsonProperty(value = "question", required = true) String question,
            @JsonProperty(value = "expectations", required = true) List<String> expectations,
            @JsonProperty("run") @Nullable String run,
            @JsonProperty("measure") @Nullable String measure,
            @JsonProperty("base") @Nullable Mode base,
            @JsonProperty("quick") @Nullable Mode quick,
            @JsonProperty("full") @Nullable Mode full,
            @JsonProperty("pictures") @Nullable List<Picture> pictures,
            @JsonProperty("claims") @Nullable List<Claim> claims) {
        this.title = title.strip();
        this.question = question.strip();
        this.expectations = List.copyOf(expectations);
        this.run = Objects.requireNonNullElse(run, "");
        this.measure = Objects.requireNonNullElse(measure, "");
        this.base = Objects.requireNonNullElse(base, Mode.EMPTY);
        this.quick = Objects.requireNonNullElse(quick, Mode.EMPTY);
        this.full = Objects.requireNonNullElse(full, Mode.EMPTY);
        this.pictures = pictures == null ? List.of() : List.copyOf(pictures);
        this.claims = claims == null ? List.of() : List.copyOf(claims);
    }

    /** What is run: the base with a mode's own over it, key by key. */
    Mode mode(boolean isFull) {
        Mode own = isFull ? full : quick;
        return new Mode(
                own.seeds() > 0 ? own.seeds() : Math.max(1, base.seeds()),
                over(base.values(), own.values()),
                over(base.grid(), own.grid()),
                own.metrics().isEmpty() ? base.metrics() : own.metrics(),
                over(base.settings(), own.settings()));
    }

    private static <T> Map<String, T> over(Map<String, T> under, Map<String, T> over) {
        Map<String, T> both = new LinkedHashMap<>(under);
        both.putAll(over);
        return both;
    }

    /**
     * How much is done.
     *
     * @param seeds runs of each group, with seeds 1, 2, ...
     * @param values over the run file's, as on a command line: {@code pretrain.max_steps: 100}
     * @param grid what varies: a key to its values; or a name to values that are maps, each with a {@code name}, the keys that it sets, and perhaps {@code values} to show it by
     * @param metrics of stages, {@code pretrain.eval_loss}
     * @param settings for the measure
     */
    record Mode(
            int seeds,
            Map<String, Object> values,
            Map<String, List<Object>> grid,
            List<String> metrics,
            Map<String, Object> settings) {
        static final Mode EMPTY = new Mode(0, null, null, null, null);

        @JsonCreator
        Mode(
                @JsonProperty("seeds") int seeds,
                @JsonProperty("values") @Nullable Map<String, Object> values,
                @JsonProperty("grid") @Nullable Map<String, List<Object>> grid,
                @JsonProperty("metrics") @Nullable List<String> metrics,
                @JsonProperty("settings") @Nullable Map<String, Object> settings) {
            this.seeds = seeds;
            this.values = ordered(values);
            this.grid = ordered(grid);
            this.metrics = metrics == null ? List.of() : List.copyOf(metrics);
            this.settings = ordered(settings);
        }

        private static <T> Map<String, T> ordered(@Nullable Map<String, T> map) {
            return map == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(map));
        }

        Mode withSeeds(int newSeeds) {
            return new Mode(newSeeds, values, grid, metrics, settings);
        }
    }

    /**
     * A picture of groups' means.
     *
     * @param name of its files
     * @param kind line, scatter, bars or heat
     * @param x a value or a metric, to the right
     * @param y a metric, upwards
     * @param by a value whose cases are lines; a case that begins with "fit" is drawn as a curve
     * @param where values that the groups must have
     */
    record Picture(
            String name,
            String kind,
            String title,
            String x,
            String y,
            String by,
            Map<String, Object> where,
            String xLabel,
            String yLabel,
            boolean logX,
            boolean logY) {
        @JsonCreator
        Picture(
                @JsonProperty(value = "name", required = true) String name,
                @JsonProperty(value = "kind", required = true) String kind,
                @JsonProperty(value = "title", required = true) String title,
                @JsonProperty(value = "x", required = true) String x,
                @JsonProperty(value = "y", required = true) String y,
                @JsonProperty("by") @Nullable String by,
                @JsonProperty("where") @Nullable Map<String, Object> where,
                @JsonProperty("x_label") @Nullable String xLabel,
                @JsonProperty("y_label") @Nullable String yLabel,
                @JsonProperty("log_x") boolean logX,
                @JsonProperty("log_y") boolean logY) {
            this.name = name;
            this.kind = kind;
            this.title = title;
            this.x = x;
            this.y = y;
            this.by = Objects.requireNonNullElse(by, "");
            this.where = where == null ? Map.of() : Map.copyOf(where);
            this.xLabel = Objects.requireNonNullElse(xLabel, x);
            this.yLabel = Objects.requireNonNullElse(yLabel, y);
            this.logX = logX;
            this.logY = logY;
        }
    }

    /**
     * What should be so.
     *
     * @param says in words
     * @param of what it is about
     * @param above another mean or a number that it is above
     * @param below another mean or a number that it is below
     * @param by at least so far
     * @param inFullOnly whether quick runs are too short for it
     */
    record Claim(
            String says,
            Mean of,
            @Nullable Mean above,
            @Nullable Mean below,
            double by,
            boolean inFullOnly) {
        @JsonCreator
        Claim(
                @JsonProperty(value = "says", required = true) String says,
                @JsonProperty(value = "of", required = true) Mean of,
                @JsonProperty("above") @Nullable Mean above,
                @JsonProperty("below") @Nullable Mean below,
                @JsonProperty("by") double by,
                @JsonProperty("full_only") boolean inFullOnly) {
            this.says = says;
            this.of = of;
            this.above = above;
            this.below = below;
            this.by = by;
            this.inFullOnly = inFullOnly;
        }
    }

    /**
     * The mean of a metric over the groups with these values; or a number.
     *
     * @param metric empty for a number
     */
    record Mean(String metric, Map<String, Object> where, double number) {
        @JsonCreator
        static Mean of(
                @JsonProperty(value = "metric", required = true) String metric,
                @JsonProperty("where") @Nullable Map<String, Object> where) {
            return new Mean(metric, where == null ? Map.of() : Map.copyOf(where), 0);
        }

        @JsonCreator
        static Mean of(double number) {
            return new Mean("", Map.of(), number);
        }

        @JsonCreator
        static Mean of(int number) {
            return of((double) number);
        }
    }
}
