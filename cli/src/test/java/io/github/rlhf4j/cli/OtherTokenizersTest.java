package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.model.Family;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reward models with another tokenizer than the policy's: what stages give them is what the command score makes of the same text. */
class OtherTokenizersTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ENDED = "structured_outputs: {choice: ['It is blue.', 'No.', 'Who knows?']}";
    private static final String TRAINING = "batch_size: 3, max_steps: 2, learning_rate: 1e-3";
    private static final String STAGES = """
            name: run
            stages:
              ppo: {type: ppo, model: %1$s, reward_model: %2$s, dataset: {path: %4$s}, response_length: 12, num_sample_generations: 3, %5$s, %6$s}
              two: {type: ppo, model: %1$s, rewards: [{model: [%2$s, %3$s]}], dataset: {path: %4$s}, response_length: 12, num_sample_generations: 3, %5$s, %6$s}
              grpo: {type: grpo, model: %1$s, reward_model: %2$s, dataset: {path: %4$s}, max_completion_length: 12, num_generations: 3, %5$s, %6$s}
              rloo: {type: rloo, model: %1$s, reward_model: %2$s, dataset: {path: %4$s}, max_completion_length: 12, num_generations: 3, %5$s, %6$s}
              online: {type: online_dpo, model: %1$s, reward_model: %2$s, dataset: {path: %4$s}, max_new_tokens: 12, %5$s, %6$s}
              best: {type: best_of_n, model: %1$s, reward_model: %2$s, dataset: {path: %4$s}, max_new_tokens: 12, num_generations: 3, batch_size: 3, %5$s}
            """;

    @TempDir
    private Path folder;

    private Path policy;
    private Path other;
    private Path same;
    private String said = "";

    @BeforeEach
    void models() {
        policy = TinyModel.llama().write(folder.resolve("policy"));
        same = TinyModel.llama().head(Head.SCALAR).seed(4).write(folder.resolve("same"));
        other = TinyModel.of(Family.GPT2)
                .head(Head.SCALAR)
                .tokenizer(TinyModel.tokenizer(290, List.of("It is so blue, so it is. Who is that? Which colour?")))
                .write(folder.resolve("other"));
    }

    private int execute(String... arguments) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream messages = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        int code = Main.run(arguments, messages, messages);
        said = bytes.toString(StandardCharsets.UTF_8);
        return code;
    }

    private int run(String yaml, String... values) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "run", Files.writeString(folder.resolve("run.yaml"), yaml).toString(), "output_dir=" + folder));
        arguments.addAll(List.of(values));
        return execute(arguments.toArray(String[]::new));
    }

    private List<JsonNode> lines(Path file) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            lines.add(JSON.readTree(line));
        }
        return lines;
    }

    private List<Double> scores(Path model, List<? extends JsonNode> rows) throws IOException {
        List<String> written = rows.stream().map(JsonNode::toString).toList();
        Path data = Files.writeString(folder.resolve("texts.jsonl"), String.join("\n", written) + "\n");
        Path out = folder.resolve("scores.jsonl");
        assertThat(execute("score", "--model", model.toString(), "--data", data.toString(), "--out", out.toString()))
                .as(said)
                .isZero();
        return lines(out).stream().map(line -> line.path("score").asDouble()).toList();
    }

    private static ObjectNode row(JsonNode sample) {
        return JSON.createObjectNode()
                .put("prompt", sample.path("prompt").asText())
                .put("completion", sample.path("response").asText());
    }

    private void assertScored(String stage, Path... models) throws IOException {
        List<JsonNode> samples = lines(folder.resolve("run/" + stage + "/samples.jsonl"));
        assertThat(samples).as(stage).isNotEmpty();
        List<List<Double>> expected = new ArrayList<>();
        for (Path model : models) {
            expected.add(
                    scores(model, samples.stream().map(OtherTokenizersTest::row).toList()));
        }
        for (int i = 0; i < samples.size(); i++) {
            int sample = i;
            assertThat(samples.get(i).path("score").asDouble())
                    .as(stage + ": " + samples.get(i))
                    .isCloseTo(
                            expected.stream()
                                    .mapToDouble(ofModel -> ofModel.get(sample))
                                    .average()
                                    .orElseThrow(),
                            within(1e-5));
        }
    }

    @Test
    void everyStageGivesThemTheTextsThatTheCommandScores() throws IOException {
        String data = TinyData.PROMPTS.write(folder).path();

        assertThat(run(STAGES.formatted(policy, other, same, data, ENDED, TRAINING)))
                .as(said)
                .isZero();

        assertThat(said)
                .contains("[ppo] reward_model " + other
                        + " has another tokenizer than the policy: it reads prompts and responses as texts")
                .doesNotContain("reward_model " + same + " has another");
        for (String stage : List.of("ppo", "grpo", "rloo", "online", "best")) {
            assertScored(stage, other);
        }
        assertScored("two", other, same);
    }

    @Test
    void aResponseThatDidNotEndHasNoEndTokenAndConversationsGoThroughTheirOwnTemplate() throws IOException {
        withTemplate(policy, "{% for m in messages %}{{ m['role'] + ': ' + m['content'] + eos_token }}{% endfor %}");
        String chats = TinyData.write(
                        folder.resolve("chats.jsonl"),
                        List.of(
                                "{\"prompt\": [{\"role\": \"user\", \"content\": \"Is the sea blue?\"}]}",
                                "{\"prompt\": [{\"role\": \"user\", \"content\": \"Who is that?\"}]}"))
                .path();
        String run = """
                name: run
                stages:
                  grpo: {type: grpo, model: %s, reward_model: %s, dataset: {path: %s}, max_completion_length: 9, num_generations: 4, batch_size: 2, max_steps: 1}
                """.formatted(policy, other, chats);

        assertThat(run(run)).isEqualTo(2);
        assertThat(said).contains("reads the prompts as messages by a chat template of its own, but has none");

        withTemplate(
                other,
                "{{ bos_token }}{% for m in messages %}{{ '<' + m['role'] + '>' + m['content'] + eos_token + '\n' }}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}");
        assertThat(run(run)).as(said).isZero();
        List<JsonNode> samples = lines(folder.resolve("run/grpo/samples.jsonl"));
        List<ObjectNode> texts = new ArrayList<>();
        for (JsonNode sample : samples) {
            String question = sample.path("prompt").asText().contains("sea") ? "Is the sea blue?" : "Who is that?";
            texts.add(JSON.createObjectNode()
                    .put(
                            "text",
                            "<user>" + question + "</s>\n<assistant>"
                                    + sample.path("response").asText()
                                    + (sample.path("ended").asBoolean() ? "</s>" : "")));
        }
        List<Double> expected = scores(other, texts);
        for (int i = 0; i < samples.size(); i++) {
            assertThat(samples.get(i).path("score").asDouble())
                    .as(samples.get(i).toString())
                    .isCloseTo(expected.get(i), within(1e-5));
        }
        assertThat(samples).anyMatch(sample -> !sample.path("ended").asBoolean());
    }

    private static void withTemplate(Path model, String template) throws IOException {
        Files.writeString(model.resolve("chat_template.jinja"), template);
    }

    @Test
    void aLongPromptLosesItsBeginning() throws IOException {
        Path narrow = TinyModel.of(Family.GPT2)
                .head(Head.SCALAR)
                .context(24)
                .tokenizer(TinyModel.tokenizer(270, List.of("It is so blue, so it is. Who is that? Which colour?")))
                .write(folder.resolve("narrow"));
        String data = TinyData.PROMPTS.write(folder).path();

        assertThat(run("""
                name: run
                stages:
                  grpo: {type: grpo, model: %s, reward_model: %s, dataset: {path: %s}, max_completion_length: 12, num_generations: 2, %s, %s}
                """.formatted(policy, narrow, data, ENDED, TRAINING)))
                .as(said)
                .isZero();

        assertThat(said).containsOnlyOnce("so it does not see the beginning of the prompt");
    }
}
