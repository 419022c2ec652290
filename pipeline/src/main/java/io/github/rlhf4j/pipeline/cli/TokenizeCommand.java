package io.github.rlhf4j.pipeline.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.OutputFile;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tokenize}: texts and conversations as token ids, and ids as text. */
@Command(
        name = "tokenize",
        description = "Token ids of texts and conversations, and texts of ids, for each line of a file.",
        sortOptions = false)
final class TokenizeCommand implements Callable<Integer> {
    private static final ObjectMapper MAPPER = new ObjectMapper();

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
            description = "Write {\"error\"} for a line that cannot be done, instead of ending there.")
    private boolean keepGoing;

    @Override
    public Integer call() throws IOException {
        OutputFile file = OutputFile.of("--out", out);
        LinesFile.check(data);
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(model);
                BufferedReader lines = LinesFile.open(data)) {
            LineTokenizer tokenized = new LineTokenizer(tokenizer);
            file.write(stream -> {
                int number = 0;
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    number++;
                    if (!line.isBlank()) {
                        String result = result(tokenized, line, data + " line " + number) + "\n";
                        stream.write(result.getBytes(StandardCharsets.UTF_8));
                    }
                }
            });
        }
        return 0;
    }

    private JsonNode result(LineTokenizer tokenized, String line, String where) {
        try {
            return tokenized.of(MAPPER.readTree(line));
        } catch (JsonProcessingException e) {
            throw new UserError(where + ": not valid JSON: " + e.getOriginalMessage(), e);
        } catch (UserError e) {
            if (!keepGoing) {
                throw new UserError(where + ": " + e.getMessage(), e);
            }
            return JsonNodeFactory.instance.objectNode().put("error", e.getMessage());
        }
    }
}
