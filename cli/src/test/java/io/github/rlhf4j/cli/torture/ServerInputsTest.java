package io.github.rlhf4j.cli.torture;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import io.github.rlhf4j.serve.ModelServer;
import io.github.rlhf4j.serve.ServeSettings;
import io.github.rlhf4j.server.WebServer;
import io.github.rlhf4j.testing.TinyModel;
import io.github.rlhf4j.testing.damage.Draws;
import io.github.rlhf4j.testing.damage.Form;
import io.github.rlhf4j.testing.damage.Nasty;
import io.github.rlhf4j.web.Ui;
import io.github.rlhf4j.web.commands.ProgramCommand;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged requests: the servers answer each with what was asked for or with 4xx, and go on answering. {@code -Dtorture.requests=N}: so many of each kind. */
class ServerInputsTest {
    private static final int REQUESTS = Integer.getInteger("torture.requests", 25);
    private static final String CHAT =
            "{\"model\": \"tiny\", \"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}], \"max_tokens\": 2, \"temperature\": 0.5, \"top_p\": 0.9, \"n\": 1, "
                    + "\"stop\": [\"x\"], \"logprobs\": true, \"top_logprobs\": 2, \"seed\": 3, \"stream\": false, \"response_format\": {\"type\": \"text\"}}";
    private static final String COMPLETION =
            "{\"model\": \"tiny\", \"prompt\": \"Hi\", \"max_tokens\": 2, \"temperature\": 0, \"logprobs\": 1, \"echo\": true, \"logit_bias\": {\"5\": -100}, "
                    + "\"stream_options\": {\"include_usage\": true}, \"stream\": true}";
    private static final String PAGE =
            "{\"id\": \"a\", \"name\": \"b\", \"yaml\": \"stages: {}\", \"run\": \"r\", \"stage\": \"s\", \"person\": \"p\", \"role\": \"user\", \"content\": \"x\", "
                    + "\"parent\": \"\", \"models\": [{\"model\": \"m\"}], \"settings\": {\"max_new_tokens\": 1, \"stop\": [\"x\"]}, \"turn\": \"t\", \"choice\": \"A\", "
                    + "\"limit\": 3, \"mode\": \"rank\", \"answers\": [1, 2], \"num_samples\": 2, \"dataset\": \"d.jsonl\", \"kind\": \"sft\", \"format\": \"x\"}";
    private static final List<String> POSTS = List.of(
            "start/check",
            "start/time",
            "chat/new",
            "chat/message",
            "chat/answer",
            "chat/vote",
            "chat/stop",
            "chat/give-back",
            "checkpoint",
            "stop",
            "rank/answer",
            "rank/export",
            "rank/new",
            "rank/sample",
            "rank/train",
            "rank/training-file",
            "rank/undo");
    private static final List<String> GETS = List.of(
            "chat/tree",
            "curves",
            "data",
            "differences",
            "inspect",
            "plan",
            "rank/next",
            "rank/project",
            "rank/report",
            "rank/rows",
            "rollouts",
            "rollouts/group",
            "rollouts/plane",
            "rollouts/prompts",
            "rollouts/stages",
            "rollouts/strip",
            "rollouts/tokens",
            "run",
            "runs",
            "start/template");
    private static final List<String> NAMES = List.of(
            "id", "run", "stage", "name", "kind", "person", "dataset", "path", "limit", "from", "step", "row", "what",
            "args");

    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private final List<String> faults = new ArrayList<>();

    /** The status of the answer; 0 where there is none. */
    private int send(HttpRequest.Builder request, String what) throws InterruptedException {
        try {
            HttpResponse<byte[]> answer = client.send(
                    request.timeout(Duration.ofSeconds(30)).build(), HttpResponse.BodyHandlers.ofByteArray());
            String text = new String(answer.body(), StandardCharsets.UTF_8);
            if (answer.statusCode() >= 500 || text.contains("Exception") || text.contains("\tat ")) {
                faults.add(what + ": " + answer.statusCode() + " " + text);
            }
            return answer.statusCode();
        } catch (IOException e) {
            faults.add(what + ": " + e);
            return 0;
        }
    }

    private static Draws draws(String name, int number) {
        return new Draws(CounterRandom.of(20261127).derive(name).derive(number));
    }

    /** Bytes that are no HTTP, or not quite; then the connection is closed. */
    private void raw(int port, int number) throws IOException {
        byte[] request = ("POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1:" + port
                        + "\r\nContent-Type: application/json\r\nContent-Length: 2\r\nTransfer-Encoding: identity\r\n\r\n{}")
                .getBytes(StandardCharsets.UTF_8);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(500);
            socket.getOutputStream().write(Form.TEXT.damaged(request, draws("raw", number)));
            socket.shutdownOutput();
            InputStream in = socket.getInputStream();
            String answer = new String(in.readNBytes(20), StandardCharsets.ISO_8859_1);
            if (answer.matches("HTTP/1.1 5(?!0[15]).*")) { // 501 and 505: no such coding, no such version
                faults.add("raw " + number + ": " + answer);
            }
        } catch (java.net.SocketException | java.net.SocketTimeoutException e) {
            return; // it was closed, or waits for more
        }
    }

    @Test
    void aModelsServerAnswersOrRefuses() throws IOException, InterruptedException {
        TinyModel tiny = TinyModel.llama().context(64);
        Path model = tiny.write(folder.resolve("tiny"));
        try (CpuKernels kernels = new CpuKernels(1);
                Transformer transformer = tiny.create(kernels);
                HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(model);
                ModelServer server = ModelServer.start(
                        transformer,
                        tokenizer,
                        new ServeSettings("tiny", 8, 32, 0, 64 << 20, 0),
                        WebServer.builder())) {
            URI origin = URI.create(server.origin());
            for (int i = 0; i < REQUESTS; i++) {
                for (String path : List.of("chat/completions", "completions")) {
                    byte[] body = Form.JSON.damaged(
                            (path.startsWith("chat") ? CHAT : COMPLETION).getBytes(StandardCharsets.UTF_8),
                            draws(path, i));
                    send(
                            HttpRequest.newBuilder(origin.resolve("/v1/" + path))
                                    .header("Content-Type", "application/json")
                                    .POST(HttpRequest.BodyPublishers.ofByteArray(body)),
                            path + " " + i + " " + new String(body, StandardCharsets.UTF_8));
                }
                raw(origin.getPort(), i);
            }
            assertThat(send(HttpRequest.newBuilder(origin.resolve("/v1/models")), "the last"))
                    .isEqualTo(200);
        }
        assertThat(faults).isEmpty();
    }

    @Test
    void thePageAnswersOrRefuses() throws IOException, InterruptedException {
        try (Ui ui = Ui.start(
                new Ui.Setting(folder, 0, arguments -> new ProgramCommand.Outcome(0, "", ""), List.of("/bin/echo")),
                Rlhf4j.builder().console(Console.SILENT).build())) {
            URI at = URI.create(ui.address());
            String token = at.getQuery().substring("token=".length());
            for (int i = 0; i < REQUESTS * 2; i++) {
                Draws draws = draws("page", i);
                String path = draws.of(POSTS);
                byte[] body = Form.JSON.damaged(PAGE.getBytes(StandardCharsets.UTF_8), draws);
                send(
                        HttpRequest.newBuilder(at.resolve("/api/" + path))
                                .header("Authorization", "Bearer " + token)
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofByteArray(body)),
                        path + " " + i + " " + new String(body, StandardCharsets.UTF_8));
                String get = draws.of(GETS) + "?" + draws.of(NAMES) + "=" + query(draws) + "&" + draws.of(NAMES) + "="
                        + query(draws);
                send(HttpRequest.newBuilder(at.resolve("/api/" + get)).header("Authorization", "Bearer " + token), get);
                raw(at.getPort(), i);
            }
            HttpRequest.Builder last =
                    HttpRequest.newBuilder(at.resolve("/api/runs")).header("Authorization", "Bearer " + token);
            assertThat(send(last, "the last")).isEqualTo(200);
        }
        assertThat(faults).isEmpty();
    }

    private static String query(Draws draws) {
        String text = draws.of(Nasty.TEXT);
        return URLEncoder.encode(text.substring(0, Math.min(300, text.length())), StandardCharsets.UTF_8);
    }
}
