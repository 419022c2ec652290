package io.github.rlhf4j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.cli.terminal.Terminal;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.OutputFile;
import io.github.rlhf4j.core.files.ScoreStatistics;
import io.github.rlhf4j.core.generation.ScoreSummary;
import io.github.rlhf4j.core.generation.Scorer;
import io.github.rlhf4j.core.stage.Progress;
import io.github.rlhf4j.datasets.io.Row;
import io.github.rlhf4j.datasets.lines.DataRows;
import io.github.rlhf4j.datasets.lines.LineScorer;
import io.github.rlhf4j.datasets.tokens.StepTokens;
import io.github.rlhf4j.pipeline.model.GivenModel;
import io.github.rlhf4j.pipeline.model.OpenModel;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.DoubleUnaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code score}: log-probs of texts under a language model, or a reward model's scores. */
@Command(
        name = "score",
        description =
                "Per-token log-probs under a language model, or the scalar of a reward model, for each line of a file.",
        sortOptions = false)
final class ScoreCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Option(
            names = "--model",
            required = true,
            paramLabel = "DIR",
            description = "A Hugging Face directory, or a run's stage.")
    private Path model = Path.of("");

    @Mixin
    private AdapterFlag adapter = new AdapterFlag();

    @Option(
            names = "--data",
            required = true,
            paramLabel = "FILE",
            description =
                    "JSONL, JSON, CSV or Parquet with rows of {\"ids\"}, {\"text\"}, {\"prompt\", \"completion\"} or {\"messages\"}.")
    private Path data = Path.of("");

    @Option(names = "--out", required = true, paramLabel = "FILE.jsonl", description = "A line for each row of --data.")
    private Path out = Path.of("");

    @Option(
            names = "--columns",
            paramLabel = "OURS=THEIRS",
            split = ",",
            description = "Names of the data's columns, as completion=chosen.")
    private Map<String, String> columns = new LinkedHashMap<>();

    @Option(
            names = "--normalized",
            description =
                    "Scores of a reward model with the mean and standard deviation that are stored with it taken out.")
    private boolean normalized;

    @Mixin
    private KernelOptions arithmetic = new KernelOptions();

    ScoreCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        OutputFile file = OutputFile.of("--out", out);
        try (DataRows rows = DataRows.open("--", data, columns);
                Rlhf4j rlhf4j = arithmetic.engine(terminal);
                OpenModel open = OpenModel.open(GivenModel.of(model, adapter.folder()), rlhf4j.kernels());
                Progress progress = terminal.progress("score", rows.total(), "lines")) {
            LineScorer scorer = scorer(open);
            file.write(stream -> {
                ScoreSummary summary = score(scorer, new Counted(rows, progress), stream);
                if (summary.lines() == 0) {
                    throw new UserError("--data " + data + " has no line");
                }
                terminal.line(summary.text());
            });
        }
        return 0;
    }

    private LineScorer scorer(OpenModel open) {
        Scorer scorer = new Scorer(open.transformer());
        if (open.config().isProcessRewardModel()) {
            if (normalized) {
                throw new UserError("--normalized is for reward models, but " + model + " is a process reward model");
            }
            return LineScorer.ofSteps(scorer, StepTokens.of(open.tokenizer(), open.config()));
        }
        return new LineScorer(scorer, open.tokenizer(), scale(open));
    }

    private static ScoreSummary score(LineScorer scorer, Iterator<Row> rows, OutputStream stream) throws IOException {
        try {
            return scorer.score(rows, row -> write(stream, row));
        } catch (Unwritten e) {
            throw e.getCause();
        }
    }

    private static void write(OutputStream stream, JsonNode row) {
        try {
            stream.write((row + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new Unwritten(e);
        }
    }

    /** A line of the result that could not be written. */
    private static final class Unwritten extends UncheckedIOException {
        private static final long serialVersionUID = 1L;

        Unwritten(IOException cause) {
            super(cause);
        }
    }

    /** Rows that progress counts. */
    private record Counted(DataRows rows, Progress progress) implements Iterator<Row> {
        @Override
        public boolean hasNext() {
            return rows.hasNext();
        }

        @Override
        public Row next() {
            Row row = rows.next();
            progress.advance(1);
            return row;
        }
    }

    private DoubleUnaryOperator scale(OpenModel open) {
        if (!normalized) {
            return DoubleUnaryOperator.identity();
        }
        if (!open.isRewardModel()) {
            throw new UserError("--normalized is for reward models, but " + model + " is a language model");
        }
        ScoreStatistics statistics = open.config()
                .scoreStatistics()
                .orElseThrow(
                        () -> new UserError(model + " has no score statistics in its config.json (block rlhf4j), so"
                                + " --normalized cannot be: a reward stage stores them"));
        return statistics::normalized;
    }
}
