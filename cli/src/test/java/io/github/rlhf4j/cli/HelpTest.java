package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.pipeline.config.StageKeys;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** help, schema and init. */
class HelpTest {
    @TempDir
    Path folder;

    private String out = "";
    private String err = "";

    @Test
    void everyKeyOfEveryStageIsExplained() {
        Map<String, Stage<?>> stages = Engine.open(Console.SILENT).stages();
        List<String> unexplained = new ArrayList<>();
        stages.forEach((type, stage) -> {
            if (!type.equals("toy")) {
                StageKeys.of(stage, type).keys().forEach((name, key) -> {
                    if (key.meaning().isBlank()) {
                        unexplained.add(type + "." + name);
                    }
                });
            }
        });
        assertThat(unexplained)
                .as("keys without a meaning in the tables of docs/config.md and docs/algorithms")
                .isEmpty();
    }

    @Test
    void helpShowsTheKeysOfAStageWithDefaultAndMeaning() {
        assertThat(execute("help", "dpo")).isZero();
        assertThat(out)
                .containsPattern("\nmodel +required +the policy to start from\n")
                .containsPattern("\nbeta +0\\.1 +per nat");
        assertThat(out).containsPattern("\ndataset +required +all of its rows train\n");
        assertThat(execute("help", "run")).isZero();
        assertThat(out).contains("Usage: rlhf4j run", "--overwrite");
        assertThat(execute("help")).isZero();
        assertThat(out).contains("best_of_n, distill, dpo, evaluate, filter, grpo, judge, kto, online_dpo, ppo");
        assertThat(execute("help", "experiment")).isZero();
        assertThat(out).contains("--jobs", "grid      {key: [values]}", "baseline");
        assertThat(execute("help", "evaluate")).isZero();
        assertThat(execute("help", "dop")).isEqualTo(2);
        assertThat(err).contains("dop is neither a command nor a type of stage", "did you mean dpo?");
    }

    @Test
    void helpShowsOneKeyWithTypeRangeDefaultMeaningStagesAndPlace() {
        assertThat(execute("help", "dpo.beta")).as(err).isZero();
        assertThat(out)
                .contains("dpo.beta is a key of stages of type distill, dpo, grpo, kto, online_dpo, rloo")
                .contains("  a number > 0; default 0.1\n  per nat")
                .contains("docs/algorithms/dpo.md#keys")
                .doesNotContain("grpo:");
        assertThat(execute("help", "beta")).as(err).isZero();
        assertThat(out).contains("\ndpo, kto:\n", "\ngrpo:\n  a number >= 0; default 0\n");
        assertThat(execute("help", "dpo.adapter.r")).as(err).isZero();
        assertThat(out).contains("a whole number >= 1 and <= 65536", "the rank", "docs/adapters.md");
        assertThat(execute("help", "target_modules")).as(err).isZero(); // which the map adapter alone has
        assertThat(out).contains("adapter.target_modules is a key of stages of type", "docs/adapters.md");
        assertThat(execute("help", "dataset.limit")).as(err).isZero();
        assertThat(out).contains("a whole number >= 1", "before splitting", "docs/datasets.md");
        assertThat(execute("help", "output_dir")).as(err).isZero();
        assertThat(out).contains("output_dir is a key of the run", "default runs");
        assertThat(execute("help", "report_to.mlflow.url")).as(err).isZero();
        assertThat(out).contains("the server, such as http://localhost:5000", "docs/tracking.md");
        assertThat(execute("help", "experiment.grid")).as(err).isZero();
        assertThat(out).contains("every combination", "docs/experiments.md");
    }

    @Test
    void helpSuggestsAKeyThatIsNear() {
        assertThat(execute("help", "bta")).isEqualTo(2);
        assertThat(err)
                .contains("nor a key of a run file", "did you mean beta?")
                .hasLineCount(1);
        assertThat(execute("help", "dpo.bta")).isEqualTo(2);
        assertThat(err).isEqualTo("rlhf4j: dpo has no key bta; did you mean beta?\n");
        assertThat(execute("help", "adapter.rank")).isEqualTo(2);
        assertThat(err)
                .contains("adapter has no key rank; its keys are r, alpha,")
                .hasLineCount(1);
        assertThat(execute("help", "dpq.beta")).isEqualTo(2);
        assertThat(err).contains("did you mean dpo?").hasLineCount(1);
    }

    @Test
    void theSchemaHasEveryKeyOfEveryStageWithItsMeaning() throws IOException {
        assertThat(execute("schema")).isZero();
        JsonNode schema = new ObjectMapper().readTree(out);
        Engine.open(Console.SILENT).stages().forEach((type, stage) -> {
            JsonNode properties = schema.at("/$defs/stage-" + type + "/properties");
            StageKeys.of(stage, type)
                    .keys()
                    .forEach((name, key) -> assertThat(
                                    properties.path(name).path("description").asText("?"))
                            .isEqualTo(key.meaning()));
            assertThat(schema.at("/$defs/stage/properties/type/enum"))
                    .extracting(JsonNode::asText)
                    .contains(type);
        });
        assertThat(schema.at("/$defs/stage-dpo/properties/beta/default").asDouble())
                .isEqualTo(0.1);
        assertThat(schema.at("/$defs/stage-dpo/properties/model/$ref").asText()).isEqualTo("#/$defs/model");
        assertThat(schema.at("/$defs/model/anyOf/0/type").asText()).isEqualTo("string");
        assertThat(schema.at("/$defs/dataset/anyOf/2/properties")).isNotEmpty();
    }

    @Test
    void everyRunFileToBeginWithIsRightOnceModelAndDataAreGiven() throws IOException {
        Path model = PretrainedModel.write(folder);
        Path judge = Files.createDirectories(folder.resolve("judge"));
        for (String file : List.of("tokenizer.json", "tokenizer_config.json", "model.safetensors")) {
            Files.copy(model.resolve(file), judge.resolve(file));
        }
        ObjectNode config = (ObjectNode)
                new ObjectMapper().readTree(model.resolve("config.json").toFile());
        config.putArray("architectures").add("LlamaForSequenceClassification");
        Files.writeString(
                judge.resolve("config.json"), config.put("num_labels", 1).toString());
        StringBuilder pairs = new StringBuilder();
        StringBuilder texts = new StringBuilder();
        StringBuilder steps = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            pairs.append(
                    "{\"prompt\": \"Where is %d?\", \"chosen\": \" Here.\", \"rejected\": \" No.\"}\n".formatted(i));
            steps.append("{\"prompt\": \"%d + 1 =\", \"completions\": [\"2\"], \"labels\": [true]}\n".formatted(i));
            texts.append("{\"text\": \"It is number %d.\"}\n".formatted(i));
        }
        Path pairsFile = Files.writeString(folder.resolve("pairs.jsonl"), pairs);
        Path stepsFile = Files.writeString(folder.resolve("steps.jsonl"), steps);
        Path textsFile = Files.writeString(folder.resolve("texts.jsonl"), texts);
        for (String kind : InitCommand.KINDS) {
            Path file = folder.resolve(kind + ".yaml");
            assertThat(execute("init", kind, file.toString())).as(err).isZero();
            List<String> run = new ArrayList<>(List.of("run", file.toString(), "--dry-run", "output_dir=" + folder));
            run.add("dataset="
                    + switch (kind) {
                        case "pretrain", "filter" -> textsFile;
                        case "process_reward" -> stepsFile;
                        default -> pairsFile;
                    });
            if (!List.of("pretrain", "evaluate", "filter").contains(kind)) {
                run.add("model=" + model);
            }
            for (String stage :
                    List.of("sft", "reward", "process_reward", "dpo", "ipo", "kto")) { // the model's context is small
                if (Files.readString(file).contains("\n  " + stage + ":")) {
                    run.add(stage + ".max_length=64");
                }
            }
            switch (kind) {
                case "ppo" -> run.addAll(List.of("ppo.reward_model=" + judge, "ppo.max_prompt_length=64"));
                case "grpo", "rloo" ->
                    run.addAll(List.of(
                            kind + ".reward_model=" + judge,
                            kind + ".max_prompt_length=48",
                            kind + ".max_completion_length=16"));
                case "judge" -> run.addAll(List.of("judged.max_prompt_length=48", "judged.max_new_tokens=16"));
                case "revise" -> run.addAll(List.of("revised.max_prompt_length=48", "revised.max_new_tokens=16"));
                case "best_of_n" ->
                    run.addAll(List.of(
                            "best_of_n.reward_model=" + judge,
                            "best_of_n.max_prompt_length=48",
                            "best_of_n.max_new_tokens=16",
                            "tuned.max_length=64"));
                case "distill" ->
                    run.addAll(List.of(
                            "distill.teacher_model=" + model, "distill.max_new_tokens=16", "distill.max_length=64"));
                case "online_dpo" ->
                    run.addAll(List.of(
                            "online_dpo.reward_model=" + judge,
                            "online_dpo.max_prompt_length=48",
                            "online_dpo.max_new_tokens=16"));
                case "rlhf" -> run.add("ppo.max_prompt_length=64");
                case "evaluate" -> run.add("evaluate.models={a: " + model + ", b: " + model + "}");
                default -> {}
            }
            assertThat(execute(run.toArray(String[]::new)))
                    .as(kind + ": " + err)
                    .isZero();
        }
        assertThat(execute("init", "dpo", folder.resolve("dpo.yaml").toString()))
                .isEqualTo(2);
        assertThat(err).contains("dpo.yaml already exists");
        assertThat(execute("init", "dppo")).isEqualTo(2);
        assertThat(err).contains("did you mean dpo?");
        assertThat(execute("init", "sft")).isZero();
        assertThat(out).isEqualTo(Files.readString(folder.resolve("sft.yaml")));
    }

    private int execute(String... arguments) {
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        int code = Main.run(
                arguments,
                new PrintStream(outBytes, true, StandardCharsets.UTF_8),
                new PrintStream(errBytes, true, StandardCharsets.UTF_8));
        out = outBytes.toString(StandardCharsets.UTF_8);
        err = errBytes.toString(StandardCharsets.UTF_8);
        return code;
    }
}
