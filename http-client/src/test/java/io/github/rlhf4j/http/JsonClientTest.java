package io.github.rlhf4j.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.sun.net.httpserver.HttpServer;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.testing.Fault;
import io.github.rlhf4j.testing.FaultyServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonClientTest {
    private static final HttpSettings QUICK =
            HttpSettings.DEFAULT.withTimeout(Duration.ofSeconds(5)).withPause(Duration.ofMillis(1));

    @TempDir
    Path folder;

    private final FaultyServer server = FaultyServer.answering(question -> JsonNodeFactory.instance
            .objectNode()
            .put("twice", 2 * question.path("n").asInt()));

    @AfterEach
    void close() {
        server.close();
    }

    private static List<JsonNode> questions(int count) {
        return IntStream.range(0, count)
                .mapToObj(n -> (JsonNode) JsonNodeFactory.instance.objectNode().put("n", n))
                .toList();
    }

    private JsonClient client(HttpSettings settings) {
        return new JsonClient(
                Endpoint.of("url", server.url("/twice?key=secret")).with("Authorization", "Bearer x"), settings);
    }

    private static int twice(JsonNode answer) {
        if (!answer.has("twice")) {
            throw new BadAnswer("must have \"twice\"");
        }
        return answer.get("twice").asInt();
    }

    private List<Reply<Integer>> ask(HttpSettings settings, int count) {
        return client(settings).ask(questions(count), (index, answer) -> twice(answer), (index, twice) -> {});
    }

    private String failure(Fault fault) {
        server.always(fault);
        return ask(QUICK.withAttempts(2).withTimeout(Duration.ofMillis(300)), 1)
                .get(0)
                .failure();
    }

    @Test
    void repliesAreInTheOrderOfTheQuestionsAndNoMoreThanTheLimitAreUnderWay() {
        server.always(Fault.slow(Duration.ofMillis(10)));
        assertThat(ask(QUICK.withParallel(3), 12).stream().map(Reply::orThrow))
                .containsExactlyElementsOf(
                        IntStream.range(0, 12).map(n -> 2 * n).boxed().toList());
        assertThat(server.mostUnderWay()).isBetween(2, 3);
        assertThat(server.headers().get(0)).containsEntry("Authorization", "Bearer x");
    }

    @Test
    void whatMayPassIsAskedAgain() {
        server.next(
                Fault.status(500),
                Fault.status(429),
                Fault.cut(),
                Fault.body("no JSON"),
                Fault.body("{}"),
                Fault.body(""));
        assertThat(ask(QUICK.withAttempts(7), 1).get(0).orThrow()).isZero();
        assertThat(server.requests()).hasSize(7);
    }

    @Test
    void anAnswerThatComesTooLateIsAskedForAgain() {
        server.next(Fault.slow(Duration.ofSeconds(4)));
        assertThat(ask(QUICK.withTimeout(Duration.ofMillis(300)), 1).get(0).orThrow())
                .isZero();
        assertThat(server.requests()).hasSizeGreaterThan(1);
    }

    @Test
    void theServerSaysWhenToAskAgain() {
        server.next(Fault.status(503, "1"));
        long start = System.nanoTime();
        ask(QUICK, 1).get(0).orThrow();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(950));
    }

    @Test
    void aDateAsRetryAfterAndNonsenseAreNoFault() {
        server.next(Fault.status(503, "Fri, 27 Nov 2020 11:00:00 GMT"), Fault.status(503, "soon"));
        assertThat(ask(QUICK, 1).get(0).orThrow()).isZero();
    }

    @Test
    void whatCannotPassIsNotAskedAgain() {
        server.always(Fault.status(404));
        assertThatThrownBy(() -> ask(QUICK, 1).get(0).orThrow())
                .isInstanceOf(UserError.class)
                .hasMessageMatching(
                        "http://127.0.0.1:[0-9]+/twice answered with status 404: \\{\"error\": \"status 404\"}");
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void aFailureIsOneLineWithoutSecrets() {
        assertThat(failure(Fault.status(500)))
                .endsWith("/twice answered with status 500: {\"error\": \"status 500\"}, at the last of 2 attempts");
        assertThat(failure(Fault.body("two\nlines \u001b[2J")))
                .endsWith("must answer in JSON, but answered: two\\nlines \\u001b[2J, at the last of 2 attempts");
        assertThat(failure(Fault.body("{\"once\": 1}")))
                .endsWith("must have \"twice\": {\"once\": 1}, at the last of 2 attempts");
        assertThat(failure(Fault.body(""))).endsWith("gave an empty answer, at the last of 2 attempts");
        assertThat(failure(Fault.body("x".repeat(5000))))
                .endsWith("must answer in JSON, but answered: " + "x".repeat(200) + "..., at the last of 2 attempts");
        assertThat(failure(Fault.slow(Duration.ofSeconds(2))))
                .endsWith("gave no whole answer within 0.3 s, at the last of 2 attempts");
        assertThat(failure(Fault.cut())).contains("gave no whole answer: ").doesNotContain("secret");
    }

    @Test
    void aKeyThatTheServerSaysBackIsNotShown() {
        server.always(new Fault(
                401, "", Duration.ZERO, Optional.of("{\"error\": \"no such key: sk-123, Bearer sk-123\"}"), false));
        Endpoint endpoint = Endpoint.of("url", server.url("/twice")).with("Authorization", "Bearer sk-123");
        JsonClient client = new JsonClient(endpoint, QUICK);

        assertThat(client.ask(questions(1), (index, answer) -> twice(answer), (index, twice) -> {})
                        .get(0)
                        .failure())
                .contains("{\"error\": \"no such key: ***, ***\"}");
    }

    @Test
    void aRedirectionIsNotFollowedSoNobodyElseGetsTheKey() throws IOException {
        HttpServer other = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        other.createContext("/", exchange -> {
            exchange.getResponseHeaders().set("Location", server.url("/twice"));
            exchange.sendResponseHeaders(307, -1);
            exchange.close();
        });
        other.start();
        try {
            String url = "http://127.0.0.1:" + other.getAddress().getPort() + "/";
            JsonClient client = new JsonClient(Endpoint.of("url", url).with("Authorization", "Bearer sk-123"), QUICK);
            assertThat(client.ask(questions(1), (index, answer) -> twice(answer), (index, twice) -> {})
                            .get(0)
                            .failure())
                    .contains("answered with status 307");
        } finally {
            other.stop(0);
        }
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void aKeyWithALinesEndIsRefusedWithoutBeingQuoted() {
        Endpoint endpoint = Endpoint.of("url", server.url("/twice"));
        assertThatThrownBy(() -> endpoint.with("Authorization", "Bearer sk\n123"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("must be printable ASCII")
                .message()
                .doesNotContain("sk");
    }

    @Test
    void nobodyThereIsSaid() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        JsonClient client = new JsonClient(Endpoint.of("url", "http://127.0.0.1:" + port + "/"), QUICK.withAttempts(2));
        assertThat(client.ask(questions(1), (index, answer) -> twice(answer), (index, twice) -> {})
                        .get(0)
                        .failure())
                .contains("cannot be reached");
    }

    @Test
    void aQuestionIsAskedOnceWhateverBecomesOfTheRun() throws IOException {
        List<JsonNode> twiceTheSame =
                List.of(questions(2).get(1), questions(2).get(0), questions(2).get(1));
        KeptAnswers kept = KeptAnswers.of(folder, "judge");
        assertThat(client(QUICK).ask(twiceTheSame, JsonClientTest::twice, kept).stream()
                        .map(Reply::orThrow))
                .containsExactly(2, 0, 2);
        assertThat(server.requests()).hasSize(2);

        server.always(Fault.status(500));
        KeptAnswers resumed = KeptAnswers.of(folder, "judge");
        assertThat(client(QUICK).ask(twiceTheSame, JsonClientTest::twice, resumed).stream()
                        .map(Reply::orThrow))
                .containsExactly(2, 0, 2);
        assertThat(server.requests()).hasSize(2);
        assertThat(folder.resolve("answers").toFile().list()).containsExactly("judge.jsonl");
    }

    @Test
    void theFileIsThatOfAnUnbrokenRunAfterAKillInTheMiddleOfACall() throws IOException {
        client(QUICK).ask(questions(6), JsonClientTest::twice, KeptAnswers.of(folder.resolve("whole"), "x"));
        byte[] whole = Files.readAllBytes(folder.resolve("whole/answers/x.jsonl"));

        Path broken = folder.resolve("broken/answers");
        Files.createDirectories(broken);
        List<String> lines = Files.readAllLines(folder.resolve("whole/answers/x.jsonl"));
        Files.writeString(
                broken.resolve("x.jsonl"),
                lines.get(0) + "\n" + lines.get(1) + "\n" + lines.get(2).substring(0, 40));
        Files.writeString(broken.resolve("x.jsonl.arriving"), lines.get(4) + "\n" + lines.get(2) + "\n{\"ke");
        int before = server.requests().size();
        client(QUICK).ask(questions(6), JsonClientTest::twice, KeptAnswers.of(folder.resolve("broken"), "x"));
        assertThat(server.requests().size() - before).isEqualTo(2);
        assertThat(Files.readAllBytes(broken.resolve("x.jsonl"))).isEqualTo(whole);
        assertThat(broken.resolve("x.jsonl.arriving")).doesNotExist();
    }

    @Test
    void anAnswerWhoseLineIsDamagedIsAskedForAgain() throws IOException {
        client(QUICK).ask(questions(2), JsonClientTest::twice, KeptAnswers.of(folder, "x"));
        Path file = folder.resolve("answers/x.jsonl");
        byte[] bytes = Files.readAllBytes(file);
        bytes[20] = (byte) 0xff; // in the first key: no UTF-8
        Files.write(file, bytes);
        int before = server.requests().size();
        assertThat(client(QUICK).ask(questions(2), JsonClientTest::twice, KeptAnswers.of(folder, "x")).stream()
                        .map(Reply::orThrow))
                .containsExactly(0, 2);
        assertThat(server.requests().size() - before).isEqualTo(1);
    }

    @Test
    void aFailureIsNotKept() {
        KeptAnswers kept = KeptAnswers.of(folder, "judge");
        server.always(Fault.body("{}"));
        assertThat(client(QUICK.withAttempts(2))
                        .ask(questions(1), JsonClientTest::twice, kept)
                        .get(0)
                        .failure())
                .contains("must have");
        assertThat(kept.size()).isZero();
        server.always(Fault.NONE);
        assertThat(client(QUICK)
                        .ask(questions(1), JsonClientTest::twice, kept)
                        .get(0)
                        .orThrow())
                .isZero();
    }

    @Test
    void onlyUrlsAreEndpoints() {
        for (String wrong :
                List.of("localhost:8000", "ftp://host/x", "http://", "http:///x", "not a url", "http://h:99999/")) {
            assertThatThrownBy(() -> Endpoint.of("http", wrong))
                    .as(wrong)
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("must be a URL such as http://localhost:8000/score");
        }
        assertThatThrownBy(() -> Endpoint.of("http", "http://me:secret@host/"))
                .hasMessageContaining("no user")
                .hasMessageNotContaining("secret");
    }
}
