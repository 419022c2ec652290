package io.github.rlhf4j.filter;

import io.github.rlhf4j.core.stage.CheckpointConfig;
import io.github.rlhf4j.core.stage.Steps;
import io.github.rlhf4j.datasets.DatasetSpec;
import java.util.List;
import java.util.Optional;

/** Sets the keys of a {@link FilterConfig} one by one. The methods are the run file's keys or their groups, the defaults those of the defaults file. Nothing is checked before {@link #build}. */
public final class FilterConfigBuilder {
    private static final Steps STEPS =
            new Steps(1_000, 1, CheckpointConfig.every(10).keeping(1));

    private final DatasetSpec dataset;
    private TextPart part = TextPart.ALL;
    private List<Preset> preset = List.of();
    private ShapeConfig shape = ShapeConfig.NONE;
    private RepetitionConfig repetition = RepetitionConfig.NONE;
    private C4Config c4 = C4Config.NONE;
    private ContentConfig content = ContentConfig.NONE;
    private DuplicatesConfig duplicates = DuplicatesConfig.NONE;
    private Optional<String> groupBy = Optional.empty();
    private int samplesPerReason = 3;
    private Steps steps = STEPS;

    FilterConfigBuilder(DatasetSpec dataset) {
        this.dataset = dataset;
    }

    /** Which texts of a row are looked at. */
    public FilterConfigBuilder part(TextPart value) {
        part = value;
        return this;
    }

    /** Published rules. */
    public FilterConfigBuilder preset(Preset... value) {
        preset = List.of(value);
        return this;
    }

    /** Limits of what a text is like. */
    public FilterConfigBuilder shape(ShapeConfig value) {
        shape = value;
        return this;
    }

    /** How much a text may repeat itself. */
    public FilterConfigBuilder repetition(RepetitionConfig value) {
        repetition = value;
        return this;
    }

    /** Rules on lines. */
    public FilterConfigBuilder c4(C4Config value) {
        c4 = value;
        return this;
    }

    /** What a row is about and where it comes from. */
    public FilterConfigBuilder content(ContentConfig value) {
        content = value;
        return this;
    }

    /** Rows that are like an earlier one. */
    public FilterConfigBuilder duplicates(DuplicatesConfig value) {
        duplicates = value;
        return this;
    }

    /** The column that the report is by. */
    public FilterConfigBuilder groupBy(String value) {
        groupBy = Optional.of(value);
        return this;
    }

    /** Removed rows of each reason in samples.jsonl. */
    public FilterConfigBuilder samplesPerReason(int value) {
        samplesPerReason = value;
        return this;
    }

    /** How the stage goes through its rows. */
    public FilterConfigBuilder steps(Steps value) {
        steps = value;
        return this;
    }

    /**
     * The config.
     *
     * @throws io.github.rlhf4j.core.stage.ConfigException naming the first key that is out of range
     */
    public FilterConfig build() {
        return new FilterConfig(
                dataset, part, preset, shape, repetition, c4, content, duplicates, groupBy, samplesPerReason, steps);
    }
}
