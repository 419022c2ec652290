package io.github.rlhf4j.filter;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.Steps;
import io.github.rlhf4j.datasets.DatasetSpec;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The config of a stage of type {@code filter}.
 *
 * @param dataset any rows
 * @param part which texts of a row are looked at
 * @param preset published rules
 * @param shape limits of what a text is like
 * @param repetition how much it may repeat itself
 * @param c4 rules on lines
 * @param content what a row is about and where it comes from
 * @param duplicates rows that are like an earlier one
 * @param groupBy the column by whose values, or whose addresses' hosts, is reported; absent: all rows are one group
 * @param samplesPerReason removed rows of each reason in samples.jsonl, >= 0
 * @param steps how the stage goes through its rows
 */
public record FilterConfig(
        DatasetSpec dataset,
        TextPart part,
        List<Preset> preset,
        ShapeConfig shape,
        RepetitionConfig repetition,
        C4Config c4,
        ContentConfig content,
        DuplicatesConfig duplicates,
        Optional<String> groupBy,
        int samplesPerReason,
        Steps steps) {
    public FilterConfig {
        preset = List.copyOf(preset);
        checkConfig(samplesPerReason >= 0, "samples_per_reason", samplesPerReason, "must be >= 0");
        C4Config standard = preset.contains(Preset.C4) ? Preset.C4.c4() : C4Config.NONE;
        c4.needlessFalse(standard)
                .ifPresent(
                        key -> checkConfig(false, key, false, "does nothing without preset c4, so must be left out"));
        checkConfig(
                shape.stopWords().isEmpty()
                        || shape.minStopWords().isPresent()
                        || preset.contains(Preset.GOPHER)
                        || preset.contains(Preset.GOPHER_QUALITY),
                "stop_words",
                shape.stopWords(),
                "do nothing without min_stop_words, so must be left out");
        boolean isOn = !preset.isEmpty()
                || shape.isOn()
                || !repetition.equals(RepetitionConfig.NONE)
                || c4.isOn()
                || !content.equals(ContentConfig.NONE)
                || duplicates.isOn();
        checkConfig(isOn, "preset", preset, "must name published rules, gopher or c4, where no other rule is given");
    }

    /** No rule yet; the defaults of filter-defaults.yaml. */
    public static FilterConfigBuilder builder(DatasetSpec dataset) {
        return new FilterConfigBuilder(dataset);
    }

    /** What holds of a text's shape, presets included. */
    ShapeConfig effectiveShape() {
        ShapeConfig all = shape;
        for (Preset published : preset) {
            all = all.or(published.shape());
        }
        return all;
    }

    /** What holds of repetition, presets included. */
    RepetitionConfig effectiveRepetition() {
        RepetitionConfig all = repetition;
        for (Preset published : preset) {
            all = all.or(published.repetition());
        }
        return all;
    }

    /** What holds of lines, presets included. */
    C4Config effectiveC4() {
        C4Config all = c4;
        for (Preset published : preset) {
            all = all.or(published.c4());
        }
        return all;
    }

    /** The columns that rules and the report read, each with its key. */
    Set<Column> columns() {
        Set<Column> columns = new TreeSet<>();
        groupBy.ifPresent(name -> columns.add(new Column(name, "group_by")));
        content.minColumns().keySet().forEach(name -> columns.add(new Column(name, "min_columns")));
        content.robots().ifPresent(robots -> columns.add(new Column(robots.column(), "robots.url")));
        return columns;
    }

    /**
     * A column that is read.
     *
     * @param key that names it
     */
    record Column(String name, String key) implements Comparable<Column> {
        @Override
        public int compareTo(Column other) {
            return (name + " " + key).compareTo(other.name + " " + other.key);
        }
    }
}
