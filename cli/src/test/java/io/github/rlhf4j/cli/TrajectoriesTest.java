package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Five steps of TRL's trainers and of ours from the same texts, by the command line; tools/golden/trajectories.py made the fixture, tools/acceptance/parity.sh
 * makes longer ones.
 */
class TrajectoriesTest {
    private static final Path FIXTURE = Path.of("src/test/resources/io/github/rlhf4j/cli/trajectories");
    private static final double TOLERANCE =
            5e-5; // relative for loss and gradient norm, else of the larger of 1 and the value
    private static final double TOKEN_ACCURACY_TOLERANCE =
            5e-3; // a token of some hundred may have two best logits that are equal to rounding
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path folder;

    @BeforeAll
    static void train() throws IOException {
        for (String file : List.of("run.yaml", "process.yaml")) {
            train(file);
        }
    }

    private static void train(String file) throws IOException {
        Path config = folder.resolve(file);
        String text = Files.readString(FIXTURE.resolve(file));
        Files.writeString(config, text.replace("FOLDER/runs", folder.toString()).replace("FOLDER", FIXTURE.toString()));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream messages = new PrintStream(bytes, true, StandardCharsets.UTF_8);

        int code = Main.run(new String[] {"run", config.toString()}, messages, messages);

        assertThat(code).as(bytes.toString(StandardCharsets.UTF_8)).isZero();
    }

    static Stream<String> stages() {
        return Stream.of("expected.json", "process.json")
                .flatMap(file -> expected(file).properties().stream())
                .map(Map.Entry::getKey)
                .filter(name -> !name.equals("generator"));
    }

    @ParameterizedTest
    @MethodSource("stages")
    void goesWhereTrlGoes(String stage) throws IOException {
        boolean isProcess = stage.startsWith("prm_");
        Path run = folder.resolve(isProcess ? "process" : "trajectories");
        List<String> ours = Files.readAllLines(run.resolve(stage).resolve("metrics.jsonl"));
        JsonNode theirs = expected(isProcess ? "process.json" : "expected.json").path(stage);

        assertThat(theirs).hasSizeGreaterThanOrEqualTo(4);
        for (int step = 0; step < theirs.size(); step++) {
            compare(stage, JSON.readTree(ours.get(step)), theirs.get(step));
        }
    }

    private static void compare(String stage, JsonNode ours, JsonNode theirs) {
        boolean tied = theirs.path("rewards/margins").asDouble(1)
                == 0; // the policy is the reference: rounding decides who wins
        for (Map.Entry<String, JsonNode> metric : theirs.properties()) {
            if (tied && metric.getKey().equals("rewards/accuracies")) {
                continue;
            }
            double value = metric.getValue().asDouble();
            boolean nearZero = // a sum of advantages, of which rounding is left
                    metric.getKey().equals("loss") && (stage.startsWith("grpo") || stage.startsWith("rloo"));
            boolean relative = List.of("loss", "grad_norm", "learning_rate").contains(metric.getKey()) && !nearZero;
            double tolerance = metric.getKey().equals("mean_token_accuracy") ? TOKEN_ACCURACY_TOLERANCE : TOLERANCE;
            assertThat(ours.path(metric.getKey()).asDouble(Double.NaN))
                    .as("%s of step %s", metric.getKey(), theirs.path("step"))
                    .isCloseTo(value, within(tolerance * (relative ? Math.abs(value) : Math.max(1, Math.abs(value)))));
        }
    }

    private static JsonNode expected(String file) {
        try {
            return JSON.readTree(FIXTURE.resolve(file).toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
