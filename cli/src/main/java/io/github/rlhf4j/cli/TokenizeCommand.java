package io.github.rlhf4j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.OutputFile;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import io.github.rlhf4j.datasets.io.Row;
import io.github.rlhf4j.datasets.lines.DataRows;
import io.github.rlhf4j.datasets.lines.LineTokenizer;
import io.github.rlhf4j.pipeline.model.ModelFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tokenize}: texts and conversations as token ids, and ids as text. */
@Command(
        name = "tokenize",
        description = "Token ids of texts and conversations, and texts of ids, for each line of a file.",
        sortOptions = false)
final class TokenizeCommand implements Callable<Integer> {
    @Option(names = "--model", required = true, paramLabel = "DIR", description = "A folder with tokenizer.json.")
    private Path model = Path.of("");

    @Option(
            names = "--data",
            required = true,
            paramLabel = "FILE.jsonl",
            description = "Lines of {\"text\"}, {\"messages\"} or {\"ids\"}.")
    private Path data = Path.of("");

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE.jsonl",
            description = "A line for each line of --data.")
    private Path out = Path.of("");

    @Option(
            names = "--keep-going",
            description = "Write {\"error\"} for a line that cannot be tokenised, instead of stopping there.")
    private boolean keepGoing;

    @Override
    public Integer call() throws IOException {
        OutputFile file = OutputFile.of("--out", out);
        try (DataRows rows = DataRows.open("--", data, Map.of());
                HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(folder())) {
            LineTokenizer tokenized = new LineTokenizer(tokenizer);
            file.write(stream -> {
                while (rows.hasNext()) {
                    stream.write((result(tokenized, rows.next()) + "\n").getBytes(StandardCharsets.UTF_8));
                }
            });
        }
        return 0;
    }

    private Path folder() {
        return ModelFolder.isOne(model) ? ModelFolder.of(model) : model;
    }

    private JsonNode result(LineTokenizer tokenized, Row row) {
        try {
            return tokenized.of(row.columns());
        } catch (UserError e) {
            if (!keepGoing) {
                throw new UserError(DataRows.place(row) + ": " + e.getMessage(), e);
            }
            return JsonNodeFactory.instance.objectNode().put("error", e.getMessage());
        }
    }
}
