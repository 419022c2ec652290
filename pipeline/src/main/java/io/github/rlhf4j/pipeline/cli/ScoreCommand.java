package io.github.rlhf4j.pipeline.cli;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.files.ScoreStatistics;
import io.github.rlhf4j.core.generation.Scorer;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.DoubleUnaryOperator;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
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
    private static final int BATCH_TOKENS = 4096;

    private final Terminal terminal;

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "A Hugging Face directory.")
    private Path model = Path.of("");

    @Option(
            names = "--data",
            required = true,
            paramLabel = "FILE.jsonl",
            description = "Lines of {\"ids\"}, {\"text\"}, {\"prompt\", \"completion\"} or {\"messages\"}.")
    private Path data = Path.of("");

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE.jsonl",
            description = "A line for each line of --data.")
    private Path out = Path.of("");

    @Option(
            names = "--normalized",
            description = "Scores of a reward model with the mean and spread that are stored with it taken out.")
    private boolean normalized;

    @Mixin
    private Arithmetic arithmetic = new Arithmetic();

    ScoreCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        if (!Files.isRegularFile(data)) {
            throw new UserError("--data " + data + (Files.exists(data) ? " is not a file" : " does not exist"));
        }
        try (OpenModel open = OpenModel.open(model, arithmetic.kernels(Assembly.create(), terminal));
                BufferedReader lines = reader()) {
            ChatTokens chat = new ChatTokens(ModelChat.encoder(open.tokenizer()));
            Scorer scorer = new Scorer(open.transformer(), open.tokenizer(), chat, BATCH_TOKENS, scale(open));
            AtomicFiles.writeStream(out, stream -> {
                Writer writer = new OutputStreamWriter(stream, StandardCharsets.UTF_8);
                long scored = scorer.score(lines, data.toString(), writer);
                if (scored == 0) {
                    throw new UserError("--data " + data + " has no line");
                }
                writer.flush();
            });
        }
        return 0;
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

    private BufferedReader reader() throws IOException {
        InputStream stream = Files.newInputStream(data);
        if (!data.toString().endsWith(".gz")) {
            return new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
        }
        try {
            return new BufferedReader(new InputStreamReader(
                    new CompressedData(new GZIPInputStream(stream), data), StandardCharsets.UTF_8));
        } catch (EOFException | ZipException e) {
            stream.close();
            throw new UserError("--data " + data + " is not compressed by gzip, as its name says", e);
        }
    }

    /** Decompressed data, of which a broken end is a mistake in what was given. */
    private static final class CompressedData extends FilterInputStream {
        private final Path file;

        CompressedData(InputStream stream, Path file) {
            super(stream);
            this.file = file;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                return super.read(bytes, offset, length);
            } catch (EOFException | ZipException e) {
                throw new UserError(
                        "--data " + file + ": the compressed data is damaged or cut off; fetch it again", e);
            }
        }
    }
}
