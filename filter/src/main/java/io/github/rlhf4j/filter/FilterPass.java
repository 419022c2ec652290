package io.github.rlhf4j.filter;

import io.github.rlhf4j.core.stage.Progress;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.StageData;
import io.github.rlhf4j.core.tokenizer.ValidText;
import io.github.rlhf4j.core.train.StepResult;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.RecordJson;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.datasets.RowTags;
import io.github.rlhf4j.datasets.TextRecord;
import io.github.rlhf4j.filter.duplicates.DuplicateFinder;
import io.github.rlhf4j.filter.duplicates.RowHashes;
import io.github.rlhf4j.filter.robots.WebAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Goes over the rows once or twice: first each is judged by itself; where rows are compared too, those that pass leave their hashes, and in a second pass the first of those that are alike are written. Rows of a step are judged by
 * all threads, or by the workers of a cluster, and written in their order.
 */
final class FilterPass {
    private static final String NO_GROUP = "(none)";
    private static final int MOST_SHOWN = 600; // characters of a sample

    private final FilterConfig config;
    private final StageContext context;
    private final RecordSet<DataRecord> rows;
    private final Rules rules;
    private final FilterTally tally;
    private final StageData kept;
    private final StageData removed;
    private final Optional<RowHashes> hashes;
    private final Judging judging;
    private @Nullable DuplicateFinder duplicates;

    /**
     * @param kept takes the rows that stay
     * @param removed takes the others
     * @param hashes of the rows that pass the rules; empty where rows are not compared
     */
    FilterPass(
            FilterConfig config,
            StageContext context,
            RecordSet<DataRecord> rows,
            Rules rules,
            FilterTally tally,
            StageData kept,
            StageData removed,
            Optional<RowHashes> hashes) {
        this.config = config;
        this.context = context;
        this.rows = rows;
        this.rules = rules;
        this.tally = tally;
        this.kept = kept;
        this.removed = removed;
        this.hashes = hashes;
        this.judging = new Judging(rows, new RowJudge(rules, config.duplicates()), context);
    }

    /** Passes over the rows. */
    int passes() {
        return hashes.isPresent() ? 2 : 1;
    }

    /** One step of the first pass or the second. */
    StepResult step(long step) {
        long steps = config.steps().of(rows.size());
        long inPass = step <= steps ? step : step - steps;
        long first = config.steps().first(inPass);
        long end = config.steps().end(inPass, rows.size());
        tally.begin(end - first);
        if (step <= steps) {
            judge(step, first, end);
        } else {
            compare(step, first, end);
        }
        return StepResult.untrained(0, tally.metrics());
    }

    private void judge(long step, long first, long end) {
        List<Judging.Judged> judged = judging.of(first, end);
        for (int i = 0; i < judged.size(); i++) {
            DataRecord row = judged.get(i).row();
            Verdict verdict = judged.get(i).verdict();
            String group = group(row);
            tally.see(group);
            Judgement judgement = verdict.judgement(rules.given(row));
            if (!judgement.isKept()) {
                remove(step, first + i, row, group, judgement);
            } else if (hashes.isPresent()) {
                hashes.get().add(first + i, verdict.hashes());
            } else {
                keep(row, group, judgement.text());
            }
        }
    }

    private void compare(long step, long first, long end) {
        RowHashes of = hashes.orElseThrow();
        DuplicateFinder found = duplicates(of);
        for (long i = of.indexOf(first); i < of.size() && of.row(i) < end; i++) {
            long index = of.row(i);
            DataRecord row = rows.get(index);
            String group = group(row);
            long earlier = found.firstOf(i);
            if (earlier == i) {
                keep(row, group, rules.text(row));
            } else {
                boolean isExact = found.isSame(i) && config.duplicates().exactDedup();
                remove(
                        step,
                        index,
                        row,
                        group,
                        Judgement.remove(
                                rules.text(row),
                                isExact ? "exact_dedup" : "minhash",
                                "like row " + (of.row(earlier) + 1)));
            }
        }
        if (end == rows.size()) {
            of.complete();
        }
    }

    private DuplicateFinder duplicates(RowHashes of) {
        DuplicateFinder found = duplicates;
        if (found == null) {
            try (Progress progress =
                    context.progress("looking for duplicates", DuplicateFinder.columns(of), "columns")) {
                found = new DuplicateFinder(of, context.cluster()).find(progress);
            }
            duplicates = found;
        }
        return found;
    }

    private void keep(DataRecord row, String group, String text) {
        tally.keep(group);
        DataRecord left = row instanceof TextRecord document && !document.text().equals(text)
                ? new TextRecord(text, row.tags())
                : row;
        kept.write(RecordJson.toMap(plain(left)));
    }

    /** Without the columns that the row's own are read from. */
    private DataRecord plain(DataRecord row) {
        Map<String, Object> columns = new TreeMap<>(row.tags().columns());
        columns.keySet().removeAll(config.dataset().columns().values());
        return row.withTags(new RowTags(row.tags().id(), row.tags().useCase(), columns));
    }

    private void remove(long step, long index, DataRecord row, String group, Judgement judgement) {
        tally.remove(judgement.reason(), group);
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("reason", judgement.reason());
        line.put("detail", judgement.detail());
        line.put("row", index + 1);
        RecordJson.toMap(plain(row)).forEach(line::putIfAbsent);
        removed.write(line);
        if (tally.wantsSample(judgement.reason(), config.samplesPerReason())) {
            Map<String, Object> sample = new LinkedHashMap<>();
            sample.put("reason", judgement.reason());
            sample.put("detail", judgement.detail());
            sample.put("row", index + 1);
            sample.put("group", group);
            String text = config.part().of(row);
            sample.put(
                    "text", text.length() <= MOST_SHOWN ? text : ValidText.of(text.substring(0, MOST_SHOWN)) + " ...");
            context.sample(step, sample);
        }
    }

    private String group(DataRecord row) {
        if (config.groupBy().isEmpty()) {
            return NO_GROUP;
        }
        String column = config.groupBy().get();
        Object value = row.tags().columns().get(column);
        if (value == null && column.equals("use_case") && !row.tags().useCase().isEmpty()) {
            return row.tags().useCase();
        }
        if (value instanceof String text) {
            return text.contains("://") ? WebAddress.host(text).orElse(text) : text;
        }
        return value == null ? NO_GROUP : String.valueOf(value);
    }
}
