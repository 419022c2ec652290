package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.testing.FaultyServer;
import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Worker processes sample, the driver asks servers for rewards and verdicts: the same bytes as without workers, and a key that stays with the driver. */
class ServersAndWorkersTest {
    private static final String KEY = "sk-planted-77aa01cc2e";

    @TempDir
    Path folder;

    @TempDir
    Path elsewhere;

    /** The length of each completion; of two responses the second wins. */
    private static JsonNode answer(JsonNode question) {
        if (question.has("completions")) {
            ArrayNode scores = JsonNodeFactory.instance.arrayNode();
            question.path("completions")
                    .forEach(completion -> scores.add(completion.asText().length() / 10.0));
            return JsonNodeFactory.instance.objectNode().set("scores", scores);
        }
        ObjectNode chat = JsonNodeFactory.instance.objectNode();
        chat.putArray("choices")
                .addObject()
                .putObject("message")
                .put("role", "assistant")
                .put("content", "1");
        return chat;
    }

    private InProcess.Result run(String name, FaultyServer server, String... options) throws IOException {
        Path key = Files.writeString(elsewhere.resolve("key"), KEY + "\n");
        if (Files.getFileStore(key).supportsFileAttributeView("posix")) {
            Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        }
        Path file = Files.writeString(folder.resolve(name + ".yaml"), """
                name: %s
                output_dir: %s
                stages:
                  grpo:
                    {type: grpo, model: %s, dataset: %s, rewards: [{http: "%s", batch_size: 4}],
                     num_generations: 2, batch_size: 3, max_completion_length: 8, max_steps: 2}
                  online:
                    {type: online_dpo, model: grpo, dataset: %s, rollout_weights: int8, max_new_tokens: 8, batch_size: 3, max_steps: 2,
                     judge: {both_orders: false, openai: {url: "%s", model: m, api_key_file: '%s'}}}
                """.formatted(
                        name,
                        folder.resolve("runs"),
                        folder.resolve("tiny"),
                        folder.resolve("prompts.jsonl"),
                        server.url("/score"),
                        folder.resolve("prompts.jsonl"),
                        server.url("/v1"),
                        key));
        List<String> command = new ArrayList<>(List.of("run", file.toString(), "--threads", "1"));
        command.addAll(List.of(options));
        InProcess.Result result = InProcess.run(command);
        assertThat(result.code()).as(result.err()).isZero();
        return result;
    }

    private String bytes(String run, String file) throws IOException {
        return Files.readString(folder.resolve("runs").resolve(run).resolve(file), StandardCharsets.ISO_8859_1);
    }

    @Test
    void theDriverAsksForWhatWorkersSampled() throws IOException {
        TinyModel.llama().write(folder.resolve("tiny"));
        TinyData.PROMPTS.write(folder);
        try (FaultyServer server = FaultyServer.answering(ServersAndWorkersTest::answer)) {
            run("here", server);
            int asked = server.requests().size();
            InProcess.Result result = run("there", server, "--cluster", "processes:2");

            assertThat(result.out() + result.err()).containsPattern("cluster: [0-9]+ jobs? of [0-9]+ pieces");
            assertThat(asked).isPositive();
            assertThat(server.requests()).hasSize(2 * asked);
            assertThat(server.headers()).anyMatch(of -> ("Bearer " + KEY).equals(of.get("Authorization")));
            for (String file : List.of(
                    "grpo/model/model.safetensors",
                    "grpo/samples.jsonl",
                    "grpo/metrics.jsonl",
                    "grpo/answers/http.jsonl",
                    "online/model/model.safetensors",
                    "online/samples.jsonl",
                    "online/metrics.jsonl",
                    "online/answers/judge.jsonl")) {
                assertThat(bytes("there", file)).as(file).isEqualTo(bytes("here", file));
            }
            assertThat(bytes("there", "online/metrics.jsonl")).contains("sampling/logp_diff_max");
            assertThat(result.out() + result.err()).doesNotContain(KEY);
            try (var files = Files.walk(folder)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                            .as(file.toString())
                            .doesNotContain(KEY);
                }
            }
        }
    }
}
