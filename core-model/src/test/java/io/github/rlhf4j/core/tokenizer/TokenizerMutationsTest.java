package io.github.rlhf4j.core.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged tokenizer.json files end in a UserError or work; in a process of its own, which a panic of the native library would end. */
class TokenizerMutationsTest {
    private static final Path RESOURCES = Path.of("src/test/resources/io/github/rlhf4j/core/tokenizer");
    private static final int FILES = 150;

    @TempDir
    Path folder;

    @Test
    void aDamagedFileIsRefusedOrWorks() throws IOException, InterruptedException {
        Path output = folder.resolve("output.txt");
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Child.class.getName(),
                        folder.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        boolean ended = child.waitFor(120, TimeUnit.SECONDS);
        child.destroyForcibly();
        List<String> lines = Files.readAllLines(output);
        assertThat(ended && child.exitValue() == 0)
                .as(String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size())))
                .isTrue();
        String last = lines.get(lines.size() - 1);
        assertThat(last).matches("works \\d+, refused \\d+");
        assertThat(Integer.parseInt(last.replaceAll("\\D*(\\d+),.*", "$1"))).isPositive();
        assertThat(Integer.parseInt(last.replaceAll(".* ", ""))).isPositive();
    }

    /** The other process. */
    static final class Child {
        private static final ObjectMapper MAPPER = new ObjectMapper();
        private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
        private static final List<JsonNode> VALUES = List.of(
                NODES.nullNode(),
                NODES.objectNode(),
                NODES.arrayNode(),
                NODES.textNode(""),
                NODES.textNode("é"),
                NODES.textNode("a"),
                NODES.textNode("<nope>"),
                NODES.textNode("(a+)+$"),
                NODES.textNode("AAAA"),
                NODES.textNode("x".repeat(3000)),
                NODES.numberNode(0),
                NODES.numberNode(-1),
                NODES.numberNode(99_999),
                NODES.numberNode(1L << 31),
                NODES.booleanNode(true));

        private Child() {}

        public static void main(String[] arguments) throws IOException {
            Path folder = Path.of(arguments[0]);
            int works = 0;
            for (int i = 0; i < FILES; i++) {
                String base = i % 2 == 0 ? "metaspace" : "byte-level";
                JsonNode tokenizer =
                        MAPPER.readTree(new File(RESOURCES.resolve(base).toFile(), "tokenizer.json"));
                damage(tokenizer, new Random(i));
                Files.writeString(folder.resolve("tokenizer.json"), tokenizer.toString());
                System.out.println("file " + i + ": " + works(folder));
                works += works(folder) ? 1 : 0;
            }
            System.out.println("works " + works + ", refused " + (FILES - works));
        }

        private static boolean works(Path folder) {
            try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(folder)) {
                for (String text : new String[] {"", "a", "hello  world, é ☃ 😀\n", "<s></s>\u0000##"}) {
                    int[] ids = tokenizer.encode(text, true);
                    tokenizer.encodeWithSpans(tokenizer.markSpecialTokens(text), true);
                    tokenizer.decode(ids, true);
                }
                return true;
            } catch (UserError e) {
                return false;
            }
        }

        /** Replaces, removes or doubles one value anywhere but deep in the vocabulary. */
        private static void damage(JsonNode root, Random random) {
            List<ContainerNode<?>> parents = new ArrayList<>();
            collect(root, parents);
            ContainerNode<?> parent = parents.get(random.nextInt(parents.size()));
            JsonNode value = VALUES.get(random.nextInt(VALUES.size()));
            int at = random.nextInt(Math.max(1, parent.size()));
            if (parent instanceof ObjectNode object && !object.isEmpty()) {
                List<String> names = new ArrayList<>();
                object.fieldNames().forEachRemaining(names::add);
                if (random.nextInt(5) == 0) {
                    object.remove(names.get(at));
                } else {
                    object.set(names.get(at), value);
                }
            } else if (parent instanceof ArrayNode array && !array.isEmpty()) {
                if (random.nextInt(3) == 0) {
                    array.insert(at, array.get(random.nextInt(array.size())).deepCopy());
                } else {
                    array.set(at, value);
                }
            }
        }

        private static void collect(JsonNode node, List<ContainerNode<?>> parents) {
            if (node instanceof ContainerNode<?> container) {
                parents.add(container);
                if (container.size() < 100) {
                    container.forEach(child -> collect(child, parents));
                }
            }
        }
    }
}
