package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.pipeline.config.ConfigValue;
import io.github.rlhf4j.pipeline.config.RunFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every run file of configs/, as it stands but at toy size, by the real command line. */
class ConfigsTest {
    private static final Path CONFIGS = Path.of("../configs");

    private static final List<String> GROUPS =
            List.of("batch_size=2", "num_generations=2", "max_steps=1", "max_completion_length=4");

    /** What makes a stage of each type a matter of a second. */
    private static final Map<String, List<String>> TOY = Map.ofEntries(
            Map.entry("pretrain", PretrainedModel.PRETRAINING),
            Map.entry("sft", List.of("batch_size=4", "max_steps=2", "max_length=192")),
            Map.entry("reward", List.of("batch_size=4", "max_steps=2", "statistics_rows=8", "max_length=192")),
            Map.entry("process_reward", List.of("batch_size=4", "max_steps=2")),
            Map.entry("dpo", List.of("batch_size=4", "max_steps=2", "max_length=192")),
            Map.entry("ppo", List.of("batch_size=4", "max_steps=1", "response_length=4", "max_prompt_length=128")),
            Map.entry("grpo", GROUPS),
            Map.entry("rloo", GROUPS),
            Map.entry("revise", List.of("batch_size=8", "max_new_tokens=4")),
            Map.entry("judge", List.of("batch_size=8", "max_new_tokens=4")),
            Map.entry("best_of_n", List.of("num_generations=2", "max_new_tokens=2")),
            Map.entry("evaluate", List.of("limit=6", "max_new_tokens=4")));

    @TempDir
    static Path folder;

    private static Path model = Path.of("");

    @BeforeAll
    static void writeModelAndPairs() throws IOException {
        model = PretrainedModel.write(folder);
        StringBuilder pairs = new StringBuilder();
        for (int i = 0; i < 80; i++) {
            String prompt = "\\n\\nHuman: What is " + i + " and one more?\\n\\nAssistant:";
            pairs.append("{\"chosen\": \"%s It is %d.\", \"rejected\": \"%s Who knows?\"}%n"
                    .formatted(prompt, i + 1, prompt));
        }
        Files.writeString(folder.resolve("pairs.jsonl"), pairs);
    }

    static Stream<Path> configs() throws IOException {
        try (Stream<Path> files = Files.list(CONFIGS)) {
            List<Path> yaml = files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
            assertThat(yaml).isNotEmpty();
            return yaml.stream();
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void runsToItsEnd(Path config) throws IOException {
        List<String> values = new ArrayList<>(List.of("name=toy-" + config.getFileName(), "output_dir=" + folder));
        String text = Files.readString(config);
        if (text.contains("$model")) {
            values.add("model=" + model);
        }
        if (text.contains("$dataset")) {
            values.add("dataset=" + folder.resolve("pairs.jsonl"));
        }
        RunFile given = RunFile.read(config, values);
        given.stages().forEach((name, stage) -> values.addAll(toy(name, stage)));

        List<String> arguments = new ArrayList<>(List.of("run", config.toString()));
        arguments.addAll(values);
        if (text.contains("\nexperiment:")) {
            runsAsAnExperiment(given.directory(), arguments);
            return;
        }
        String said = execute(arguments);
        if (config.endsWith("quickstart.yaml")) {
            Path last = given.directory().resolve("ppo/model");
            assertThat(last.resolve("chat_template.jinja"))
                    .hasSameTextualContentAs(CONFIGS.resolve("quickstart-chat.jinja"));
            assertThat(said).contains("talk to it: ./rlhf4j chat --model " + last.getParent());
        } else if (config.endsWith("hh.yaml")) {
            assertThat(said).doesNotContain("talk to it");
            assertThat(given.directory().resolve("report.html"))
                    .content()
                    .contains(
                            "Differences, paired by prompt",
                            "ppo − sft",
                            "reward over the root of KL",
                            "Signs of reward hacking",
                            "The reward model on rankings",
                            "aria-label=\"calibration\"",
                            "Answers to the same prompts",
                            "dpo gains most over sft");
        }

        if (config.endsWith("best-of-n.yaml")) {
            assertThat(given.directory().resolve("report.html"))
                    .content()
                    .contains("Reward of the best of n responses");
        }
        Path run = given.directory();
        JsonNode stages = new ObjectMapper()
                .readTree(run.resolve("summary.json").toFile())
                .path("stages");
        assertThat(stages.properties())
                .extracting(Map.Entry::getKey)
                .containsExactlyElementsOf(given.stages().keySet());
        assertThat(run.resolve("report.html")).isNotEmptyFile();
        given.stages().forEach((name, stage) -> {
            if (List.of("revise", "judge", "best_of_n").contains(type(stage))) {
                assertThat(run.resolve(name).resolve("data")).isDirectoryContaining("glob:**.jsonl");
            } else if (!type(stage).equals("evaluate")) {
                assertThat(run.resolve(name).resolve("model/model.safetensors")).isNotEmptyFile();
                assertThat(run.resolve(name).resolve("metrics.jsonl")).isNotEmptyFile();
            }
        });
    }

    /** Two settings and two seeds of it. */
    private static void runsAsAnExperiment(Path place, List<String> arguments) throws IOException {
        arguments.add("experiment.list=[{dpo.beta: 0.1}, {ppo.kl_coef: 0.5}]");
        arguments.add("experiment.grid.seed=[1, 2]");
        String said = execute(arguments);
        assertThat(said).contains("4 runs in " + place, "run 4 of 4: ppo.kl_coef=0.5, seed=2");
        JsonNode groups = new ObjectMapper()
                .readTree(place.resolve("experiment.json").toFile())
                .path("groups");
        assertThat(groups).hasSize(2);
        assertThat(groups.at("/1/metrics/evaluate.ppo.hidden_utility/n").asInt())
                .isEqualTo(2);
        assertThat(place.resolve("report.html"))
                .content()
                .contains("hidden utility over KL", "Against the baseline", "charts/hidden-utility-over-kl.svg");
        assertThat(place.resolve("charts/hidden-utility-over-kl.svg")).isNotEmptyFile();
        assertThat(place.resolve("dpo.beta-0.1_seed-1/report.html")).isNotEmptyFile();
    }

    private static List<String> toy(String name, ConfigValue.Entries stage) {
        List<String> values = new ArrayList<>();
        boolean goesOn = type(stage).equals("pretrain") && stage.entries().containsKey("model");
        TOY.getOrDefault(type(stage), List.of()).stream()
                .filter(value -> !(goesOn && value.matches("(architecture|tokenizer)=.*")))
                .forEach(value -> values.add(name + "." + value));
        if (stage.entries().containsKey("rounds")) {
            values.addAll(List.of(name + ".rounds=2", name + ".prompts_per_round=8"));
        }
        for (String key : List.of("dataset", "eval_dataset")) {
            ConfigValue dataset = stage.entries().get(key);
            if (dataset != null && dataset.toLine().contains("synthetic:")) {
                values.add(name + "." + key + ".limit=60");
            }
        }
        return values;
    }

    private static String type(ConfigValue.Entries stage) {
        return ((ConfigValue.Scalar) Objects.requireNonNull(stage.entries().get("type"))).text();
    }

    private static String execute(List<String> arguments) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream messages = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        int code = Main.run(arguments.toArray(String[]::new), messages, messages);
        assertThat(code).as(bytes.toString(StandardCharsets.UTF_8)).isZero();
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
