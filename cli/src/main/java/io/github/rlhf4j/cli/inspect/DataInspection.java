package io.github.rlhf4j.cli.inspect;

import io.github.rlhf4j.core.Printable;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.core.stage.Progress;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.datasets.KeptColumns;
import io.github.rlhf4j.datasets.RecordJson;
import io.github.rlhf4j.datasets.RecordKind;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.datasets.RowTags;
import io.github.rlhf4j.datasets.io.DataFiles;
import io.github.rlhf4j.datasets.io.ReadOptions;
import io.github.rlhf4j.datasets.io.RowSource;
import io.github.rlhf4j.datasets.tokens.TokenizedSequence;
import io.github.rlhf4j.datasets.training.ModelText;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/** Prints what a dataset holds: type, rows, what was dropped, duplicates, lengths, scripts, languages, and the first row as a trainer sees it. */
public final class DataInspection {
    private static final long ROWS_TOKENISED = 100_000;
    private static final List<String> ADDRESS_COLUMNS =
            List.of("url", "warc_target_uri", "source_url", "domain", "host"); // of C4, OSCAR, Dolma and others
    private static final int MOST_SHOWN = 2_000; // characters of each end of a row

    private final Datasets datasets;
    private final Consumer<String> out;
    private final Console console;

    /**
     * @param datasets opens it
     * @param out takes what was found
     * @param console takes warnings and progress
     */
    public DataInspection(Datasets datasets, Consumer<String> out, Console console) {
        this.datasets = datasets;
        this.out = out;
        this.console = console;
    }

    /**
     * Reads it once.
     *
     * @param tokenizer the folder of a model or a tokenizer, for lengths in tokens and the first row with its mask
     * @param assistantOnlyLoss of conversations: shows the mask with this key of stage sft
     * @param seed of a dataset that is made up
     * @param crawl the crawlers that are asked about
     */
    public void print(DatasetSpec spec, Optional<Path> tokenizer, boolean assistantOnlyLoss, long seed, Crawl crawl) {
        Optional<String> address = addressColumn(spec);
        if (address.isEmpty() && !crawl.equals(Crawl.NONE)) {
            throw new UserError("--robots needs rows with an address, in one of the columns " + ADDRESS_COLUMNS
                    + ", but " + spec.path() + " has none");
        }
        Domains domains = new Domains(crawl);
        try (RecordSet<DataRecord> rows =
                open(address.map(column -> spec.keeping(KeptColumns.of(column))).orElse(spec), seed)) {
            print("dataset", spec.path());
            print("type", rows.kind().configName() + " (" + rows.kind().columns() + ")");
            print("rows", String.format(Locale.ROOT, "%,d", rows.size()));
            print("dropped", String.format(Locale.ROOT, "%,d", rows.dropReport().total()));
            print("sha-256", rows.origin().sha256());
            rows.dropReport().lines(spec.path()).forEach(console::warning);
            if (tokenizer.isPresent()) {
                try (ModelText text = ModelText.open(tokenizer.get(), Path.of(""))) {
                    TokenLengths tokens = new TokenLengths(text.cache(), rows, assistantOnlyLoss);
                    tokens.note().ifPresent(console::line);
                    print(statistics(rows, Optional.of(tokens), address, domains), domains);
                    tokens(tokens, rows, text.tokenizer(), assistantOnlyLoss);
                }
            } else {
                print(statistics(rows, Optional.empty(), address, domains), domains);
                print("first row", shortened(RecordJson.toLine(plain(rows.get(0)))));
            }
        }
    }

    private RecordSet<DataRecord> open(DatasetSpec spec, long seed) {
        try (Progress progress = console.progress("reading " + spec.path(), 0, "rows")) {
            return datasets.open(spec, List.of(RecordKind.values()), seed, progress);
        }
    }

    private void print(DatasetStatistics statistics, Domains domains) {
        statistics.lines().forEach(this::print);
        statistics.besideTheWeb().forEach(line -> print("", line));
        domains.lines().forEach(line -> print(line[0], line[1]));
    }

    /** The column with each row's address, of files whose first row has one. */
    private Optional<String> addressColumn(DatasetSpec spec) {
        if (spec.keep().isSaid() || datasets.files(spec).isEmpty()) {
            return Optional.empty();
        }
        Path first = datasets.files(spec).orElseThrow().get(0);
        try (RowSource rows =
                DataFiles.of(List.of(first.toString())).list().get(0).rows(ReadOptions.ALL)) {
            return rows.hasNext()
                    ? ADDRESS_COLUMNS.stream()
                            .filter(rows.next().columns()::has)
                            .findFirst()
                    : Optional.empty();
        }
    }

    /** Without the column that was kept for its address. */
    private static DataRecord plain(DataRecord row) {
        return row.withTags(new RowTags(row.tags().id(), row.tags().useCase()));
    }

    private DatasetStatistics statistics(
            RecordSet<DataRecord> rows, Optional<TokenLengths> tokens, Optional<String> address, Domains domains) {
        DatasetStatistics statistics = new DatasetStatistics(rows.size());
        long stride = (rows.size() + ROWS_TOKENISED - 1) / ROWS_TOKENISED;
        try (Progress progress = console.progress("counting", rows.size(), "rows")) {
            for (long i = 0; i < rows.size(); i++) {
                DataRecord row = rows.get(i);
                Optional<String> language = statistics.add(plain(row));
                address.map(row.tags().columns()::get).ifPresent(value -> domains.add(String.valueOf(value), language));
                if (tokens.isPresent() && i % stride == 0) {
                    tokens.get().add(row);
                }
                progress.advance(1);
            }
        }
        return statistics;
    }

    private void tokens(
            TokenLengths tokens, RecordSet<DataRecord> rows, Tokenizer tokenizer, boolean assistantOnlyLoss) {
        Lengths lengths = tokens.lengths();
        print(
                "tokens",
                lengths.summary() + (lengths.count() < rows.size() ? ", of " + lengths.count() + " sequences" : "")
                        + ", a sequence is a prompt with one response");
        lengths.histogram().forEach(out);
        print("first row", "trained tokens are in >> <<" + whatIsTrained(rows.kind(), assistantOnlyLoss));
        for (TokenizedSequence sequence : tokens.sequences(rows.get(0))) {
            out.accept(Printable.text(shortened(marked(sequence, tokenizer))));
        }
    }

    /** The beginning and the end of a long text. */
    private static String shortened(String text) {
        return text.length() <= 2 * MOST_SHOWN
                ? text
                : text.substring(0, MOST_SHOWN)
                        + String.format(Locale.ROOT, " ... (%,d characters) ... ", text.length() - 2 * MOST_SHOWN)
                        + text.substring(text.length() - MOST_SHOWN);
    }

    private static String whatIsTrained(RecordKind kind, boolean assistantOnlyLoss) {
        if (kind != RecordKind.CONVERSATION) {
            return "";
        }
        return assistantOnlyLoss
                ? ", with assistant_only_loss: true: the assistant's turns"
                : ", with assistant_only_loss: false, the default: all turns, as TRL; --assistant-only-loss shows the other";
    }

    /** The text of a sequence with marks around the tokens that the loss counts. */
    private static String marked(TokenizedSequence sequence, Tokenizer tokenizer) {
        StringBuilder text = new StringBuilder();
        String before = ""; // decoding the start of a sequence loses spaces, so pieces are differences
        int[] ids = sequence.ids();
        for (int from = 0, to; from < ids.length; from = to) {
            boolean isTarget = sequence.isTarget()[from];
            to = from + 1;
            while (to < ids.length && sequence.isTarget()[to] == isTarget) {
                to++;
            }
            String upToHere = tokenizer.decode(Arrays.copyOf(ids, to), false);
            String piece = upToHere.substring(Math.min(before.length(), upToHere.length()));
            before = upToHere;
            text.append(isTarget ? ">>" + piece + "<<" : piece);
        }
        return text.toString();
    }

    private void print(String name, String value) {
        out.accept(Printable.text(String.format("%-14s %s", name, value)));
    }
}
