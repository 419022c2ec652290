package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.files.Sha256;
import io.github.rlhf4j.testing.Fault;
import io.github.rlhf4j.testing.FaultyServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The key of a judge's server goes to that server and nowhere else. */
class SecretsTest {
    /** A variable that every process has, and whose value nothing else would write down: it takes the part of a key. */
    private static final String VARIABLE = "PATH";

    private static final String PLANTED = "sk-planted-5f2c8e0b7a";

    @TempDir
    Path folder;

    @TempDir
    Path elsewhere;

    private InProcess.Result judge(String url) throws IOException {
        return judge(url, "api_key_env: " + VARIABLE);
    }

    private InProcess.Result judge(String url, String key) throws IOException {
        Files.writeString(
                folder.resolve("pairs.jsonl"), "{\"prompt\": \"Say.\", \"chosen\": \"Yes.\", \"rejected\": \"No.\"}\n");
        Path file = Files.writeString(folder.resolve("run.yaml"), """
                name: secrets
                output_dir: %s
                stages:
                  judged:
                    type: judge
                    dataset: %s
                    judge: {both_orders: false, openai: {url: "%s/v1", model: m, %s}}
                """.formatted(
                        folder.resolve("runs"), folder.resolve("pairs.jsonl"), url, key));
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

    /** A file with a key; its rights where the file system has them. */
    private Path keyFile(String rights) throws IOException {
        Path file = Files.writeString(elsewhere.resolve("key"), PLANTED + "\n");
        if (Files.getFileStore(file).supportsFileAttributeView("posix")) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(rights));
        }
        return file;
    }

    @Test
    void aKeyFromAFileIsInNoFileOfTheRunEither() throws IOException {
        String file = "api_key_file: '" + keyFile("rw-------") + "'";
        try (FaultyServer server = FaultyServer.answering(SecretsTest::verdict)) {
            InProcess.Result result = judge(server.url(""), file);

            assertThat(result.code()).as(result.err()).isZero();
            assertThat(server.headers())
                    .isNotEmpty()
                    .allMatch(of -> ("Bearer " + PLANTED).equals(of.get("Authorization")));
            assertNowhere(PLANTED, result);
            assertNowhere(new Sha256().add(elsewhere.resolve("key")).hex(), result);
        }
    }

    @Test
    void aKeyFileThatOthersMayReadIsRefusedBeforeAnythingIsAsked() throws IOException {
        Path key = keyFile("rw-r--r--");
        try (FaultyServer server = FaultyServer.answering(SecretsTest::verdict)) {
            InProcess.Result result = judge(server.url(""), "api_key_file: '" + key + "'");

            boolean hasRights = Files.getFileStore(key).supportsFileAttributeView("posix");
            assertThat(result.code()).isEqualTo(hasRights ? 2 : 0);
            assertThat(result.err()).contains(hasRights ? "judge.openai.api_key_file names " + key : "");
            assertThat(server.headers().isEmpty()).isEqualTo(hasRights);
            assertNowhere(PLANTED, result);
        }
    }

    @Test
    void aKeyIsInOnePlace() throws IOException {
        InProcess.Result result =
                judge("http://127.0.0.1:9", "api_key_env: PATH, api_key_file: '" + keyFile("rw-------") + "'");

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("api_key_file").contains("must be left out where api_key_env is given");
    }
}
