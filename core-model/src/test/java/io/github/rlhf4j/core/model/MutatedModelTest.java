package io.github.rlhf4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.FloatType;
import io.github.rlhf4j.core.files.WeightFormat;
import io.github.rlhf4j.core.kernels.reference.ReferenceKernels;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tokenizer.BpeTrainer;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of a model with random damage: it loads, or there is one line that says why not. */
class MutatedModelTest {
    private static final int MUTATIONS = 150;
    /** What takes a value's place. */
    private static final List<String> VALUES = List.of(
            "null",
            "-1",
            "0",
            "1e308",
            "-0.5",
            "2147483648",
            "9223372036854775808",
            "\"\"",
            "\"x\\u0000y\"",
            "[]",
            "{}",
            "[1, 2]",
            "true",
            "1".repeat(5000),
            "[".repeat(3000) + "]".repeat(3000));

    @TempDir
    private Path folder;

    @BeforeEach
    void writeModel() {
        ModelConfig config = ModelConfig.llama(300, 8, 12, 2, 2, 1, 64, false);
        Path tokenizer = folder.resolve("tokenizer");
        BpeTrainer.train(List.of("a text to learn from, a text").iterator(), 270, List.of())
                .writeTo(tokenizer, Optional.of("{% for m in messages %}{{ m.content }}{% endfor %}"));
        try (Transformer model = Transformer.create(
                config, Set.of(Head.LANGUAGE), new ReferenceKernels(DataType.FLOAT), CounterRandom.of(1))) {
            model.save(folder.resolve("whole"), Optional.of(tokenizer));
            model.save(folder.resolve("sharded"), Optional.of(tokenizer), new WeightFormat(FloatType.F32, 4096));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "whole/config.json",
                "whole/model.safetensors",
                "sharded/model.safetensors.index.json",
                "whole/tokenizer_config.json",
                "whole/generation_config.json"
            })
    void loadsOrSaysInALineWhyNot(String name) throws IOException {
        Path file = folder.resolve(name);
        byte[] original = Files.readAllBytes(file);
        CounterRandom random = CounterRandom.of(20261127).derive(name);
        int refused = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] mutated = mutated(original, name, random.derive(i));
            Files.write(file, mutated);
            try {
                load(folder);
            } catch (UserError e) {
                refused++;
                String message = String.valueOf(e.getMessage());
                assertThat(message).as("mutation " + i).isNotBlank();
                assertThat(message.lines()).as("mutation " + i + ": " + message).hasSize(1);
            } catch (RuntimeException e) {
                throw new AssertionError("mutation " + i + " of " + name, e);
            }
        }
        assertThat(refused).isPositive();
    }

    private static void load(Path directory) {
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(directory)) {
            assertThat(tokenizer.vocabSize()).isPositive();
        }
        Transformer.load(directory, Set.of(Head.LANGUAGE), new ReferenceKernels(DataType.FLOAT))
                .close();
    }

    private static byte[] mutated(byte[] original, String name, CounterRandom random) throws IOException {
        if (!name.endsWith(".safetensors") && random.below(0, 3) > 0) {
            return withOtherValue(original, random);
        }
        byte[] bytes = original.clone();
        int header = Math.min(bytes.length, 600);
        switch (random.below(1, 3)) {
            case 0 -> bytes[random.below(2, header)] ^= (byte) (1 + random.below(3, 255));
            case 1 -> bytes = Arrays.copyOf(bytes, random.below(2, bytes.length));
            default -> {
                int at = random.below(2, header);
                System.arraycopy(original, 0, bytes, at, Math.min(16, bytes.length - at));
            }
        }
        return bytes;
    }

    /** The JSON with another value of one of its keys, of an object in it too. */
    private static byte[] withOtherValue(byte[] original, CounterRandom random) throws IOException {
        ObjectNode tree = (ObjectNode) new ObjectMapper().readTree(original);
        List<ObjectNode> objects = new ArrayList<>(List.of(tree));
        tree.forEach(value -> {
            if (value instanceof ObjectNode object && !object.isEmpty()) {
                objects.add(object);
            }
        });
        ObjectNode object = objects.get(random.below(4, objects.size()));
        List<String> keys = new ArrayList<>();
        object.fieldNames().forEachRemaining(keys::add);
        String key = keys.get(random.below(5, keys.size()));
        String mark = "@value@";
        object.put(key, mark);
        String value = VALUES.get(random.below(6, VALUES.size()));
        return tree.toString().replace("\"" + mark + "\"", value).getBytes(StandardCharsets.UTF_8);
    }
}
