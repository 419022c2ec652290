package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.testing.TinyModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of docs/extending.md, compiled as it stands there and run by the real command line, its stages cut short. */
class ExtensionExampleTest {
    private static final Path EXAMPLE = Path.of("../docs/examples/extension");

    @TempDir
    static Path folder;

    private static CompiledProject example = new CompiledProject(EXAMPLE);

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeAll
    static void compile() throws IOException {
        example = CompiledProject.of(EXAMPLE, folder.resolve("classes"));
    }

    @Test
    void everyExtensionIsFoundAndUsedByARun() throws Exception {
        int code = run(
                "dpo.dataset=sums:12",
                "dpo.max_steps=2",
                "dpo.logging_steps=1",
                "unlikelihood.dataset=sums:12",
                "unlikelihood.max_steps=2",
                "unlikelihood.logging_steps=1",
                "reward.dataset=sums:12",
                "reward.batch_size=4",
                "reward.max_steps=2",
                "ppo.dataset=sums:8",
                "ppo.batch_size=4",
                "ppo.response_length=4",
                "ppo.max_steps=1",
                "evaluate.dataset=sums:3",
                "evaluate.max_new_tokens=4");

        assertThat(code).as(messages()).isZero();
        JsonNode stages = new ObjectMapper()
                .readTree(folder.resolve("runs/extension/summary.json").toFile())
                .path("stages");
        List<String> types = new ArrayList<>();
        stages.forEach(stage -> types.add(stage.path("type").asText()));
        assertThat(types).containsExactly("pretrain", "dpo", "unlikelihood", "reward", "ppo", "evaluate");
        // the squared hinge is 1 where the policy is the reference
        assertThat(firstLine("dpo").path("loss").asDouble()).isCloseTo(1, within(1e-6));
        assertThat(firstLine("unlikelihood").path("probability/rejected").asDouble())
                .isBetween(0.0, 1.0);
        assertThat(firstLine("ppo").path("objective/scores").isNumber())
                .as(firstLine("ppo").toString())
                .isTrue();
        assertThat(stages.at("/evaluate/models/ppo/reward/n").asInt()).isEqualTo(3);
        assertThat(stages.at("/evaluate/models/ppo").has("hidden_utility")).isFalse();
    }

    @Test
    void aMistakeInTheUseOfAnExtensionIsNamed() throws Exception {
        assertThat(run("reward.judge=breviti", "--dry-run")).isEqualTo(2);
        assertThat(messages()).contains("unknown judge breviti; available: brevity");
        assertThat(run("dpo.loss_type=squared_hing", "--dry-run")).isEqualTo(2);
        assertThat(messages()).contains("but is squared_hing; did you mean squared_hinge?");
        assertThat(run("dpo.target_margn=2", "--dry-run")).isEqualTo(2);
        assertThat(messages()).contains("dpo.target_margn is not a known key; did you mean target_margin?");
        assertThat(run("dpo.target_margin=0", "--dry-run")).isEqualTo(2);
        assertThat(messages()).contains("dpo.target_margin must be finite and > 0, but is 0.0 (command line)");
        assertThat(run("dpo.target_margin=2", "dpo.loss_type=sigmoid", "--dry-run"))
                .isEqualTo(2);
        assertThat(messages()).contains("target_margin has no effect with loss_type sigmoid");
        assertThat(run("unlikelihood.alpha=-1", "unlikelihood.alhpa=1", "--dry-run"))
                .isEqualTo(2);
        assertThat(messages())
                .contains(
                        "unlikelihood.alpha must be finite and >= 0, but is -1.0",
                        "unlikelihood.alhpa is not a known key; did you mean alpha?");
    }

    @Test
    void theFileOfThePageBecomesWhatThePageShows() throws IOException {
        String page = Files.readString(Path.of("../docs/extending.md"));
        Path data = Files.writeString(folder.resolve("sums.csv"), block(page, "The rows, `sums.csv`:"));
        Path model = TinyModel.llama().write(folder.resolve("tiny"));
        String columns = page.replaceAll("(?s).*inspect sums.csv --columns (\\S+) --model.*", "$1");

        assertThat(main("inspect", data.toString(), "--columns", columns, "--model", model.toString()))
                .as(messages())
                .isZero();
        assertThat(messages().replace("<s>", "")) // with which the tiny model begins
                .contains(block(page, "is learnt:").replace("<|im_end|>", "</s>"));
    }

    private static String block(String page, String after) {
        String rest = page.substring(page.indexOf(after) + after.length()).stripLeading();
        return rest.lines()
                .takeWhile(line -> !line.isEmpty())
                .map(String::strip)
                .collect(Collectors.joining("\n", "", "\n"));
    }

    @Test
    void theExamplesOwnTestOfItsStagePasses() throws Exception {
        try (URLClassLoader loader = example.loader()) {
            Class<?> test = loader.loadClass("com.example.rlhf.UnlikelihoodTrainerTest");
            Path inner = Files.createDirectory(folder.resolve("harness"));
            test.getMethod("learnsWhatIsChosenAndResumesToTheSameBytes", Path.class)
                    .invoke(test.getConstructor().newInstance(), inner);
        }
    }

    @Test
    void aLossesOwnKeyIsAKeyOfTheStage() throws Exception {
        assertThat(main("help", "dpo")).isZero();
        assertThat(messages()).containsPattern("target_margin +1 +beta h from which a pair counts as learnt");
        assertThat(main("schema")).isZero();
        assertThat(messages()).contains("\"target_margin\"");

        assertThat(keyRun("whole", "2")).as(messages()).isZero();
        assertThat(keyRun("broken", "1")).as(messages()).isZero();
        assertThat(keyRun("broken", "2", "dpo.target_margin=3", "--resume")).isEqualTo(2);
        assertThat(messages()).contains("target_margin: 2 -> 3");
        assertThat(keyRun("broken", "2", "--resume")).as(messages()).isZero();

        Path runs = folder.resolve("runs");
        assertThat(Files.readString(runs.resolve("whole/dpo/config.yaml")))
                .contains("target_margin: 2  # command line\n");
        assertThat(Files.readAllLines(runs.resolve("broken/dpo/metrics.jsonl")))
                .isEqualTo(Files.readAllLines(runs.resolve("whole/dpo/metrics.jsonl")));
        JsonNode first = new ObjectMapper()
                .readTree(Files.readAllLines(runs.resolve("whole/dpo/metrics.jsonl"))
                        .get(0));
        assertThat(first.path("loss").asDouble()).isCloseTo(4, within(1e-6)); // 2^2 where the policy is the reference
    }

    /** A run of the example's first two stages, with the loss's own key. */
    private int keyRun(String name, String steps, String... more) throws IOException {
        String file = Files.readString(EXAMPLE.resolve("run.yaml"));
        Path yaml = Files.writeString(folder.resolve("key.yaml"), file.substring(0, file.indexOf("  unlikelihood: #")));
        List<String> arguments = new ArrayList<>(List.of(
                "run",
                yaml.toString(),
                "name=" + name,
                "output_dir=" + folder.resolve("runs"),
                "pretrain.dataset={path: synthetic:pretrain, limit: 200}",
                "pretrain.max_steps=2",
                "dpo.dataset=sums:12",
                "dpo.target_margin=2",
                "dpo.lr_scheduler_type=constant",
                "dpo.logging_steps=1",
                "dpo.save_steps=1",
                "dpo.max_steps=" + steps));
        arguments.addAll(List.of(more));
        return main(arguments.toArray(String[]::new));
    }

    private JsonNode firstLine(String stage) throws IOException {
        Path metrics = folder.resolve("runs/extension").resolve(stage).resolve("metrics.jsonl");
        return new ObjectMapper().readTree(Files.readAllLines(metrics).get(0));
    }

    private String messages() {
        return err.toString(StandardCharsets.UTF_8);
    }

    /** Runs the example's run file on a small world's worth of steps, with the example on the class path. */
    private int run(String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "run",
                EXAMPLE.resolve("run.yaml").toString(),
                "output_dir=" + folder.resolve("runs"),
                "pretrain.dataset={path: synthetic:pretrain, limit: 200}",
                "pretrain.max_steps=2"));
        arguments.addAll(List.of(more));
        return main(arguments.toArray(String[]::new));
    }

    /** The command line, with the example on the class path. */
    private int main(String... arguments) throws IOException {
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try (URLClassLoader loader = example.loader();
                PrintStream messages = new PrintStream(err, true, StandardCharsets.UTF_8)) {
            Thread.currentThread().setContextClassLoader(loader);
            return Main.run(arguments, messages, messages);
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }
}
