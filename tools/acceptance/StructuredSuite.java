import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.AllowedTokens;
import io.github.rlhf4j.core.generation.TokenConstraint;
import io.github.rlhf4j.core.grammar.StructuredOutputs;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * For every schema of the JSON Schema Test Suite: what a random model writes under it, and which of the suite's instances its grammar has. A line of JSON a schema, for structured.py.
 *
 * <p>Use, after {@code ./mvnw package}: java @core-model/src/main/resources/io/github/rlhf4j/core/kernels/jvm.options -cp "$(<cli/target/class-path.txt)" tools/acceptance/StructuredSuite.java TOKENIZER_DIR SUITE_DIR_OR_FILE OUT.jsonl
 */
final class StructuredSuite {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int TEXTS = 20;

    public static void main(String[] arguments) throws Exception {
        List<Path> files;
        try (Stream<Path> all = Files.walk(Path.of(arguments[1]))) {
            files = all.filter(file -> file.toString().endsWith(".json")).sorted().toList();
        }
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(Path.of(arguments[0]));
                PrintStream out = new PrintStream(Files.newOutputStream(Path.of(arguments[2])), false, StandardCharsets.UTF_8)) {
            long number = 0;
            for (Path file : files) {
                for (JsonNode group : MAPPER.readTree(file.toFile())) {
                    ObjectNode line = MAPPER.createObjectNode();
                    line.put("file", file.getFileName().toString()).set("schema", group.get("schema"));
                    try {
                        StructuredOutputs outputs = StructuredOutputs.json(group.get("schema").toString());
                        ArrayNode texts = line.putArray("texts");
                        TokenConstraint constraint = outputs.constraint(tokenizer).atTextStart();
                        for (int i = 0; i < TEXTS; i++) {
                            texts.add(write(constraint, tokenizer, CounterRandom.of(number++)));
                        }
                        ArrayNode tests = line.putArray("tests");
                        for (JsonNode test : group.path("tests")) {
                            tests.addObject()
                                    .put("valid", test.get("valid").asBoolean())
                                    .put("accepted", outputs.grammar().accepts(test.get("data").toString()))
                                    .set("data", test.get("data"));
                        }
                    } catch (UserError e) {
                        line.put("refused", e.getMessage());
                    }
                    out.println(line);
                }
            }
        }
    }

    private static String write(TokenConstraint constraint, HuggingFaceTokenizer tokenizer, CounterRandom random) {
        TokenConstraint.Cursor cursor = constraint.begin(true, 150);
        List<Integer> ids = new ArrayList<>();
        for (int step = 0; step < 150; step++) {
            AllowedTokens allowed = cursor.allowed();
            int choices = allowed.count() + (allowed.mayEnd() ? 1 : 0);
            int pick = random.below(step, choices);
            if (pick == allowed.count()) {
                return tokenizer.decode(ids.stream().mapToInt(Integer::intValue).toArray(), true);
            }
            int id = -1;
            while (pick >= 0) {
                pick -= allowed.contains(++id) ? 1 : 0;
            }
            ids.add(id);
            cursor.advance(id);
        }
        throw new IllegalStateException("not whole after 150 tokens: " + tokenizer.decode(ids.stream().mapToInt(Integer::intValue).toArray(), true));
    }
}
