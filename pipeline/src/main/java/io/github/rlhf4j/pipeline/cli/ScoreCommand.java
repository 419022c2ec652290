package io.github.rlhf4j.pipeline.cli;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.OutputFile;
import io.github.rlhf4j.core.files.ScoreStatistics;
import io.github.rlhf4j.core.generation.Scorer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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
        OutputFile file = OutputFile.of("--out", out);
        LinesFile.check(data);
        try (OpenModel open = OpenModel.open(model, arithmetic.kernels(Assembly.create(), terminal));
                BufferedReader lines = LinesFile.open(data)) {
            ChatTokens chat = new ChatTokens(ModelChat.encoder(open.tokenizer()));
            Scorer scorer = new Scorer(open.transformer(), open.tokenizer(), chat, BATCH_TOKENS, scale(open));
            file.write(stream -> {
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
}
