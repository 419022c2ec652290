package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.testing.Fault;
import io.github.rlhf4j.testing.FaultyServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The key of a judge's server goes to that server and nowhere else. */
class SecretsTest {
    /** A variable that every process has, and whose value nothing else would write down: it takes the part of a key. */
    private static final String VARIABLE = "PATH";

    @TempDir
    Path folder;

    private InProcess.Result judge(String url) throws IOException {
        Files.writeString(
                folder.resolve("pairs.jsonl"), "{\"prompt\": \"Say.\", \"chosen\": \"Yes.\", \"rejected\": \"No.\"}\n");
        Path file = Files.writeString(folder.resolve("run.yaml"), """
                name: secrets
                output_dir: %s
                stages:
                  judged:
                    type: judge
                    dataset: %s
                    judge: {both_orders: false, openai: {url: "%s/v1", model: m, api_key_env: %s}}
                """.formatted(
                        folder.resolve("runs"), folder.resolve("pairs.jsonl"), url, VARIABLE));
        return InProcess.run(List.of("run", file.toString(), "--threads", "1"));
    }

    private static JsonNode verdict(JsonNode question) {
        try {
            return new ObjectMapper()
                    .readTree("{\"choices\": [{\"message\": {\"role\": \"assistant\", \"content\": \"0\"}}]}");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void assertNowhere(String key, InProcess.Result result) throws IOException {
        assertThat(result.out() + result.err()).doesNotContain(key);
        try (var files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain(key);
            }
        }
    }

    @Test
    void aJudgesKeyIsInNoFileOfTheRunAndInNoMessage() throws IOException {
        String key = System.getenv(VARIABLE);
        try (FaultyServer server = FaultyServer.answering(SecretsTest::verdict)) {
            InProcess.Result result = judge(server.url(""));

            assertThat(result.code()).as(result.err()).isZero();
            assertThat(server.headers()).isNotEmpty().allMatch(of -> ("Bearer " + key).equals(of.get("Authorization")));
            assertThat(folder.resolve("runs/secrets/report.html")).exists();
            assertNowhere(key, result);
        }
    }

    @Test
    void aServerThatSaysTheKeyBackIsNotQuotedWithIt() throws IOException {
        String key = System.getenv(VARIABLE);
        try (FaultyServer server = FaultyServer.answering(SecretsTest::verdict)) {
            server.always(new Fault(
                    401,
                    "",
                    Duration.ZERO,
                    Optional.of("{\"error\": {\"message\": \"Incorrect API key provided: " + key + "\"}}"),
                    false));

            InProcess.Result result = judge(server.url(""));

            assertThat(result.code()).isNotZero();
            assertThat(result.err()).contains("401");
            assertNowhere(key, result);
        }
    }
}
