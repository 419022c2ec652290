package io.github.rlhf4j.filter;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.stage.Progress;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.StageData;
import io.github.rlhf4j.core.train.StepResult;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.RecordJson;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.datasets.RowTags;
import io.github.rlhf4j.datasets.TextRecord;
import io.github.rlhf4j.filter.duplicates.DuplicateFinder;
import io.github.rlhf4j.filter.duplicates.RowHashes;
import io.github.rlhf4j.filter.robots.WebAddress;
import io.github.rlhf4j.filter.text.MinHash;
import io.github.rlhf4j.filter.text.TextHash;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Goes over the rows once or twice: first each is judged by itself; where rows are compared too, those that pass leave their hashes, and in a second pass the first of those that are alike are written. Rows of a step are judged by
 * all threads and written in their order.
 */
final class FilterPass {
    private static final String NO_GROUP = "(none)";
    private static final int PIECES = 16;
    private static final int MOST_SHOWN = 600; // characters of a sample
    private static final long SECOND_HASH = 2;

    private final FilterConfig config;
    private final StageContext context;
    private final RecordSet<DataRecord> rows;
    private final Rules rules;
    private final FilterTally tally;
    private final StageData kept;
    private final StageData removed;
    private final Optional<RowHashes> hashes;
    private final Optional<MinHash> minHash;
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
        this.minHash = config.duplicates().minhash().map(MinHashConfig::minHash);
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

    /** A row with what was said of it. */
    private record Judged(DataRecord row, Judgement judgement, long[] hashes) {}

    private void judge(long step, long first, long end) {
        Judged[] judged = new Judged[(int) (end - first)];
        together(judged.length, i -> {
            DataRecord row = rows.get(first + i);
            Judgement judgement = rules.judge(row);
            judged[i] = new Judged(
                    row, judgement, judgement.isKept() && hashes.isPresent() ? hashes(judgement.text()) : new long[0]);
        });
        for (int i = 0; i < judged.length; i++) {
            Judged row = judged[i];
            String group = group(row.row());
            tally.see(group);
            if (!row.judgement().isKept()) {
                remove(step, first + i, row.row(), group, row.judgement());
            } else if (hashes.isPresent()) {
                hashes.get().add(first + i, row.hashes());
            } else {
                keep(row.row(), group, row.judgement().text());
            }
        }
    }

    private void together(int count, IntConsumer task) {
        Kernels kernels = context.kernels();
        int pieces = Math.min(PIECES, count);
        kernels.together(
                pieces,
                piece -> IntStream.range((int) ((long) piece * count / pieces), (int) ((piece + 1L) * count / pieces))
                        .forEach(task));
    }

    private long[] hashes(String text) {
        long[] all = new long[config.duplicates().width()];
        all[0] = TextHash.of(text);
        all[1] = TextHash.of(text, SECOND_HASH);
        minHash.ifPresent(hash -> {
            long[] bands = hash.bands(hash.signature(text));
            System.arraycopy(bands, 0, all, DuplicateFinder.TEXT_COLUMNS, bands.length);
        });
        return all;
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
                found = new DuplicateFinder(of).find(progress);
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
            sample.put("text", text.length() <= MOST_SHOWN ? text : text.substring(0, MOST_SHOWN) + " ...");
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
