package io.github.rlhf4j.filter;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.Progress;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.StageData;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.datasets.KeptColumns;
import io.github.rlhf4j.datasets.RecordKind;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.datasets.io.DataFiles;
import io.github.rlhf4j.filter.duplicates.RowHashes;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Filters a dataset of any kind: rows that pass all rules become a dataset of the same kind, the others are in removed.jsonl with the reason.
 *
 * <p>Source: Rae et al. 2021, arXiv:2112.11446; Raffel et al. 2020, arXiv:1910.10683; Brown et al. 2020, arXiv:2005.14165, appendices A and C; Lee et al. 2022, arXiv:2107.06499 (near duplicates).
 */
public final class FilterStage implements Stage<FilterConfig> {
    private static final List<RecordKind> ANY = List.of(RecordKind.values());
    private static final int ROWS_LOOKED_AT = 100;

    private final Datasets datasets;

    @Inject
    FilterStage(Datasets datasets) {
        this.datasets = datasets;
    }

    @Override
    public Class<FilterConfig> configType() {
        return FilterConfig.class;
    }

    @Override
    public void check(FilterConfig config) {
        RecordKind kind = datasets.check(config.dataset(), ANY, 0).kind();
        checkKind(config, kind);
        checkColumns(config);
        ContentConfig content = config.content();
        content.badWordsPath().ifPresent(BadWordsRule::read);
        content.robots().ifPresent(robots -> {
            if (robots.files().isOfSource()) {
                datasets.check(robots.files(), List.of(RecordKind.TEXT), 0);
            } else {
                DataFiles.of(robots.files().paths());
            }
        });
        content.decontaminate().ifPresent(sets -> sets.byName().values().forEach(spec -> datasets.check(spec, ANY, 0)));
        content.quality().ifPresent(quality -> {
            datasets.check(quality.good(), ANY, 0);
            datasets.check(quality.bad(), ANY, 0);
        });
    }

    private static void checkKind(FilterConfig config, RecordKind kind) {
        if (!config.part().isPartOf(kind)) {
            throw new UserError("part: " + config.part().name().toLowerCase(Locale.ROOT)
                    + " does nothing for rows of format " + kind.configName() + ", which have one part; leave it out");
        }
        if (config.effectiveC4().changesTexts() && kind != RecordKind.TEXT) {
            throw new UserError("c4's rules take lines out of texts, so the dataset must have rows of format text, but "
                    + config.dataset().path() + " has rows of format " + kind.configName());
        }
    }

    /** That columns which are named are there, as far as the first rows of files tell. */
    private void checkColumns(FilterConfig config) {
        DatasetSpec spec = config.dataset();
        if (spec.isMadeByStage()) {
            return;
        }
        for (FilterConfig.Column column : config.columns()) {
            if (spec.keep().isSaid()
                    && !spec.keep().all()
                    && !spec.keep().names().contains(column.name())) {
                throw new UserError("%s reads the column \"%s\", but dataset.keep has only %s; add it there"
                        .formatted(column.key(), column.name(), spec.keep().names()));
            }
            try {
                datasets.check(spec.keeping(KeptColumns.of(column.name())), ANY, 0);
            } catch (UserError e) {
                throw String.valueOf(e.getMessage()).startsWith("dataset.keep names")
                        ? new UserError(String.valueOf(e.getMessage()).replace("dataset.keep", column.key()), e)
                        : e;
            }
        }
    }

    @Override
    public Optional<String> dataFormat(FilterConfig config) {
        return Optional.of(datasets.check(config.dataset(), ANY, 0).kind().configName());
    }

    @Override
    public void run(FilterConfig config, StageContext context) {
        FilterTally tally = new FilterTally();
        context.register("tally", tally);
        try (RecordSet<DataRecord> rows = open(config, context); // 1. The rows
                StageData kept = StageData.open(context, "rows");
                StageData removed = StageData.openBeside(context, "removed")) {
            checkKind(config, rows.kind());
            requireColumns(config, rows);
            Rules rules = Rules.open(config, datasets, context); // 2. What the rules need
            Optional<RowHashes> hashes = config.duplicates().isOn()
                    ? Optional.of(RowHashes.open(context, config.duplicates().width()))
                    : Optional.empty();
            try {
                FilterPass pass = new FilterPass(config, context, rows, rules, tally, kept, removed, hashes);
                context.show("kept", "kept");
                context.train( // 3. Each row by itself, 4. rows that are alike
                        config.steps().loop(rows.size(), pass.passes()), pass::step, StageContext.Evaluation.NONE);
            } finally {
                hashes.ifPresent(RowHashes::close);
            }
            finish(tally, rows, context);
            hashes.ifPresent(RowHashes::remove);
        }
    }

    private RecordSet<DataRecord> open(FilterConfig config, StageContext context) {
        DatasetSpec given = config.dataset();
        DatasetSpec spec = given.keep().isSaid() ? given : given.keeping(KeptColumns.ALL);
        try (Progress progress = context.progress("reading " + spec.path(), 0, "rows")) {
            RecordSet<DataRecord> rows = datasets.open(spec, ANY, context.dataSeed(), progress, context.cluster());
            rows.dropReport().lines(spec.path()).forEach(context::warn);
            context.provenance(
                    "dataset",
                    Map.of(
                            "path", spec.path(),
                            "sha256", rows.origin().sha256(),
                            "rows", rows.origin().rows()));
            return rows;
        }
    }

    private static void requireColumns(FilterConfig config, RecordSet<DataRecord> rows) {
        for (FilterConfig.Column column : config.columns()) {
            boolean isThere = rows.stream()
                    .limit(ROWS_LOOKED_AT)
                    .anyMatch(row -> row.tags().columns().containsKey(column.name())
                            || column.name().equals("use_case")
                                    && !row.tags().useCase().isEmpty());
            if (!isThere) {
                throw new UserError(
                        "%s names the column \"%s\", which the first %d rows of %s do not have; they have %s"
                                .formatted(
                                        column.key(),
                                        column.name(),
                                        Math.min(ROWS_LOOKED_AT, rows.size()),
                                        config.dataset().path(),
                                        rows.get(0).tags().columns().keySet()));
            }
        }
    }

    private static void finish(FilterTally tally, RecordSet<DataRecord> rows, StageContext context) {
        tally.summarize(context);
        context.note("%,d of %,d rows stay (%.1f %%)"
                .formatted(tally.kept(), rows.size(), 100.0 * tally.kept() / rows.size()));
        if (tally.kept() == 0) {
            throw new UserError(
                    "filter: no row is left; most were removed by " + tally.mostFrequent() + ": look at samples.jsonl");
        }
    }
}
