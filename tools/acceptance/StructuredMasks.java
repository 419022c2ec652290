import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.CounterRandom;
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

/**
 * Which tokens may come at places of texts of some regular expressions, for structured_masks.py.
 *
 * <p>Use, after {@code ./mvnw package}: java @core-model/src/main/resources/io/github/rlhf4j/core/kernels/jvm.options -cp "$(<cli/target/class-path.txt)" tools/acceptance/StructuredMasks.java TOKENIZER_DIR OUT.jsonl EXPRESSION...
 */
final class StructuredMasks {
    public static void main(String[] arguments) throws Exception {
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(Path.of(arguments[0]));
                PrintStream out = new PrintStream(Files.newOutputStream(Path.of(arguments[1])), false, StandardCharsets.UTF_8)) {
            for (int e = 2; e < arguments.length; e++) {
                TokenConstraint constraint = StructuredOutputs.regex(arguments[e]).constraint(tokenizer);
                for (int text = 0; text < 3; text++) {
                    walk(arguments[e], constraint.begin(true, 100_000), tokenizer.vocabSize(), CounterRandom.of(100L * e + text), out);
                }
            }
        }
    }

    private static void walk(String expression, TokenConstraint.Cursor cursor, int size, CounterRandom random, PrintStream out) {
        List<Integer> ids = new ArrayList<>();
        for (int step = 0; step < 10; step++) {
            AllowedTokens allowed = cursor.allowed();
            ObjectNode line = new ObjectMapper().createObjectNode();
            line.put("regex", expression).put("end", allowed.mayEnd());
            ids.forEach(line.putArray("ids")::add);
            ArrayNode may = line.putArray("allowed");
            for (int id = 0; id < size; id++) {
                if (allowed.contains(id)) {
                    may.add(id);
                }
            }
            out.println(line);
            if (allowed.isEmpty()) {
                return;
            }
            int id = may.get(random.below(step, allowed.count())).asInt();
            ids.add(id);
            cursor.advance(id);
        }
    }
}
