package io.github.rlhf4j.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.generation.Generated;
import io.github.rlhf4j.core.generation.GenerationRequest;
import io.github.rlhf4j.core.generation.Generator;
import io.github.rlhf4j.core.generation.PromptTokens;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.generation.Scorer;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import io.github.rlhf4j.server.WebServer;
import io.github.rlhf4j.testing.TinyModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tiny model behind the interface, over HTTP. */
class ModelServerTest {
    private static final int CONTEXT = 4096;
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final CpuKernels KERNELS = new CpuKernels(1);
    private static final ServeSettings SETTINGS = new ServeSettings("tiny", 8, 16, 0, 64 << 20, 0);

    @TempDir
    static Path folder;

    private static Transformer model;
    private static HuggingFaceTokenizer tokenizer;
    private static ModelServer server;

    @BeforeAll
    static void start() throws IOException {
        TinyModel tiny = TinyModel.llama().context(CONTEXT);
        tiny.write(folder);
        Files.writeString(
                folder.resolve("chat_template.jinja"),
                "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}");
        model = tiny.create(KERNELS);
        tokenizer = HuggingFaceTokenizer.open(folder);
        server = start(SETTINGS);
    }

    private static ModelServer start(ServeSettings settings) {
        return ModelServer.start(model, tokenizer, settings, WebServer.builder());
    }

    @AfterAll
    static void end() {
        server.close();
        tokenizer.close();
        model.close();
        KERNELS.close();
    }

    private static HttpResponse<String> post(String origin, String path, String body, String... headers) {
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(origin + path))
                    .timeout(Duration.ofSeconds(60))
                    .POST(HttpRequest.BodyPublishers.ofString(body.replace('\'', '"')));
            if (headers.length > 0) {
                request.headers(headers);
            }
            return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode ask(String path, String body) {
        HttpResponse<String> response = post(server.origin(), path, body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return json(response.body());
    }

    private static JsonNode json(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode refused(int status, String path, String body) {
        HttpResponse<String> response = post(server.origin(), path, body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        return json(response.body()).get("error");
    }

    @Test
    void aRequestHasTheSameTextWhateverElseIsAsked() {
        String body =
                "{'prompt': 'the cat sat', 'max_tokens': 60, 'seed': 7, 'n': 2, 'top_p': 0.9, 'ignore_eos': true}";
        JsonNode alone = ask("/v1/completions", body);
        Executor threads = task -> new Thread(task).start(); // one each, so that all are asked at once
        List<CompletableFuture<JsonNode>> others = IntStream.range(0, 12)
                .mapToObj(i -> CompletableFuture.supplyAsync(
                        () -> ask(
                                "/v1/completions",
                                i % 4 == 0
                                        ? body
                                        : "{'prompt': 'a dog " + "and ".repeat(i) + "', 'max_tokens': " + (5 + 7 * i)
                                                + ", 'temperature': 1." + i + "}"),
                        threads))
                .toList();
        for (int i = 0; i < others.size(); i += 4) {
            assertThat(others.get(i).join().get("choices")).isEqualTo(alone.get("choices"));
        }
        others.forEach(CompletableFuture::join);
        assertThat(alone.at("/choices/0/text")).isNotEqualTo(alone.at("/choices/1/text"));
    }

    @Test
    void greedyIsTheGenerators() {
        int[] prompt = new PromptTokens(tokenizer).of("the cat sat");
        String expected;
        try (Generator generator = new Generator(model)) {
            Generated generated = generator
                    .generate(
                            List.of(new GenerationRequest(prompt, 1, CounterRandom.of(1))),
                            SamplingOptions.greedy(40, tokenizer.stopIds()))
                    .get(0);
            expected = tokenizer.decode(generated.ids(), true);
        }
        JsonNode answer = ask(
                "/v1/completions", "{'prompt': 'the cat sat', 'max_tokens': 40, 'temperature': 0, 'model': 'tiny'}");
        assertThat(answer.at("/choices/0/text").textValue()).isEqualTo(expected);
        assertThat(answer.at("/usage/prompt_tokens").intValue()).isEqualTo(prompt.length);
        assertThat(answer.at("/object").textValue()).isEqualTo("text_completion");
    }

    @Test
    void anEchoHasTheLogProbsOfThePrompt() { // what lm-eval's local-completions asks for
        int[] ids = tokenizer.encode("the cat sat on the mat", true);
        JsonNode answer = ask(
                "/v1/completions",
                "{'prompt': [" + json(java.util.Arrays.toString(ids))
                        + "], 'max_tokens': 1, 'temperature': 0, 'logprobs': 2, 'echo': true, 'seed': 1234}");
        JsonNode logProbs = answer.at("/choices/0/logprobs");
        assertThat(logProbs.get("tokens")).hasSize(ids.length + 1);
        assertThat(logProbs.get("token_logprobs").get(0).isNull()).isTrue();
        assertThat(logProbs.get("top_logprobs").get(0).isNull()).isTrue();
        double[] expected = new Scorer(model).score(ids).logProbs();
        for (int i = 0; i < expected.length; i++) {
            double value = logProbs.get("token_logprobs").get(i + 1).doubleValue();
            assertThat(value).isCloseTo(expected[i], org.assertj.core.api.Assertions.within(1e-5));
            assertThat(logProbs.get("top_logprobs").get(i + 1).size()).isBetween(1, 3);
        }
        JsonNode newest = logProbs.get("top_logprobs").get(ids.length);
        double likeliest = 0;
        for (JsonNode one : newest) {
            likeliest = likeliest == 0 ? one.doubleValue() : Math.max(likeliest, one.doubleValue());
        }
        assertThat(logProbs.get("token_logprobs").get(ids.length).doubleValue()) // lm-eval's sign of a greedy token
                .isEqualTo(likeliest);
        assertThat(answer.at("/choices/0/text").textValue()).startsWith("the cat sat on the mat");
        assertThat(logProbs.get("text_offset").get(ids.length).intValue()).isEqualTo("the cat sat on the mat".length());
        JsonNode nothingNew =
                ask("/v1/completions", "{'prompt': 'the cat', 'max_tokens': 0, 'echo': true, 'logprobs': 0}");
        assertThat(nothingNew.at("/choices/0/text").textValue()).isEqualTo("the cat");
        assertThat(nothingNew.at("/usage/completion_tokens").intValue()).isZero();
    }

    @Test
    void aStreamHasThePiecesOfTheWholeText() {
        String body =
                "'max_tokens': 50, 'seed': 3, 'n': 2, 'logprobs': true, 'top_logprobs': 2, 'messages': [{'role': 'user', 'content': 'hello'}]";
        JsonNode whole = ask("/v1/chat/completions", "{" + body + "}");
        HttpResponse<String> response = post(
                server.origin(),
                "/v1/chat/completions",
                "{" + body + ", 'stream': true, 'stream_options': {'include_usage': true}}");
        assertThat(response.headers().firstValue("Content-Type")).contains("text/event-stream");
        String[] events = response.body().split("\n\n");
        assertThat(events[events.length - 1]).isEqualTo("data: [DONE]");
        String[] texts = {"", ""};
        int[] tokens = new int[2];
        String[] ends = new String[2];
        for (int i = 0; i < events.length - 2; i++) {
            JsonNode choice = json(events[i].substring(6)).at("/choices/0");
            int index = choice.get("index").intValue();
            texts[index] += choice.at("/delta/content").asText("");
            tokens[index] += choice.at("/logprobs/content").size();
            ends[index] = choice.get("finish_reason").textValue();
        }
        JsonNode usage = json(events[events.length - 2].substring(6));
        assertThat(usage.get("choices")).isEmpty();
        assertThat(usage.get("usage")).isEqualTo(whole.get("usage"));
        for (int i = 0; i < 2; i++) {
            JsonNode choice = whole.get("choices").get(i);
            assertThat(texts[i]).isEqualTo(choice.at("/message/content").textValue());
            assertThat(tokens[i])
                    .isEqualTo(choice.at("/logprobs/content").size())
                    .isPositive();
            assertThat(ends[i]).isEqualTo(choice.get("finish_reason").textValue());
        }
    }

    @Test
    void aStopTextEndsAndIsNotShown() {
        String body = "'prompt': 'the cat', 'max_tokens': 40, 'seed': 5, 'ignore_eos': true";
        String text =
                ask("/v1/completions", "{" + body + "}").at("/choices/0/text").textValue();
        String stop = text.substring(6, 9);
        JsonNode stopped = ask("/v1/completions", "{" + body + ", 'stop': [" + MAPPER.valueToTree(stop) + "]}");
        assertThat(stopped.at("/choices/0/text").textValue()).isEqualTo(text.substring(0, text.indexOf(stop)));
        assertThat(stopped.at("/choices/0/finish_reason").textValue()).isEqualTo("stop");
    }

    @Test
    void aSchemaHolds() {
        String format =
                "{'type': 'json_schema', 'json_schema': {'name': 'x', 'strict': true, 'schema': {'type': 'object', 'properties': {'a': {'type': 'integer'}, 'b': {'enum': ['x', 'y']}}, 'required': ['a', 'b'], 'additionalProperties': false}}}";
        JsonNode answer = ask(
                "/v1/chat/completions",
                "{'messages': [{'role': 'user', 'content': [{'type': 'text', 'text': 'hi'}]}], 'max_completion_tokens': 60, 'response_format': "
                        + format + "}");
        JsonNode written = json(answer.at("/choices/0/message/content").textValue());
        assertThat(written.get("a").isIntegralNumber()).isTrue();
        assertThat(written.get("b").textValue()).isIn("x", "y");
        assertThat(ask("/v1/completions", "{'prompt': 'a', 'structured_outputs': {'choice': ['yes', 'no']}}")
                        .at("/choices/0/text")
                        .textValue())
                .isIn("yes", "no");
    }

    private static final String TOOLS = "'messages': [{'role': 'user', 'content': 'hi'}], 'max_tokens': 200, 'tools': ["
            + "{'type': 'function', 'function': {'name': 'add', 'parameters': {'type': 'object', 'properties': {'a': {'type': 'integer', 'minimum': 0, 'maximum': 99}}, 'required': ['a'], 'additionalProperties': false}}},"
            + "{'type': 'function', 'function': {'name': 'say', 'parameters': {'type': 'object', 'properties': {'b': {'enum': ['x', 'y']}}, 'required': ['b'], 'additionalProperties': false}}}]";

    @Test
    void aNamedToolIsCalled() {
        String body = "{" + TOOLS + ", 'seed': 3, 'tool_choice': {'type': 'function', 'function': {'name': 'add'}}";
        JsonNode choice = ask("/v1/chat/completions", body + "}").at("/choices/0");
        JsonNode call = choice.at("/message/tool_calls/0");
        assertThat(choice.at("/message/content").isNull()).isTrue();
        assertThat(choice.get("finish_reason").textValue()).isEqualTo("stop"); // as OpenAI's
        assertThat(call.at("/function/name").textValue()).isEqualTo("add");
        assertThat(json(call.at("/function/arguments").textValue()).get("a").isInt())
                .isTrue();
        StringBuilder arguments = new StringBuilder();
        String stream = post(server.origin(), "/v1/chat/completions", body + ", 'stream': true}")
                .body();
        for (JsonNode piece : events(stream)) {
            JsonNode delta = piece.at("/choices/0/delta/tool_calls/0");
            assertThat(delta.path("index").asInt()).isZero();
            arguments.append(delta.at("/function/arguments").asText(""));
        }
        assertThat(arguments).hasToString(call.at("/function/arguments").textValue());
        assertThat(stream).containsOnlyOnce("\"name\":\"add\"").doesNotContain("\"content\":\"{");
    }

    private static List<JsonNode> events(String stream) {
        return stream.lines()
                .filter(line -> line.startsWith("data: {"))
                .map(line -> json(line.substring(6)))
                .toList();
    }

    @Test
    void someToolIsCalledWhereThatIsRequired() {
        String body = "{" + TOOLS
                + ", 'seed': 3, 'n': 2, 'tool_choice': 'required', 'parallel_tool_calls': false, 'stream': ";
        JsonNode answer = ask("/v1/chat/completions", body + "false}");
        String stream =
                post(server.origin(), "/v1/chat/completions", body + "true}").body();
        for (JsonNode choice : answer.get("choices")) {
            assertThat(choice.get("finish_reason").textValue()).isEqualTo("tool_calls");
            assertThat(choice.at("/message/tool_calls")).hasSize(1);
            JsonNode function = choice.at("/message/tool_calls/0/function");
            assertThat(function.get("name").textValue()).isIn("add", "say");
            JsonNode arguments = json(function.get("arguments").textValue());
            assertThat(arguments.has(function.get("name").textValue().equals("add") ? "a" : "b"))
                    .isTrue();
            assertThat(events(stream).stream()
                            .filter(piece -> piece.at("/choices/0/index").asInt()
                                    == choice.get("index").asInt())
                            .map(piece -> piece.at("/choices/0/delta/tool_calls/0/function"))
                            .filter(piece -> !piece.isMissingNode()))
                    .containsExactly(function);
        }
        assertThat(refused(400, "/v1/chat/completions", "{" + TOOLS + ", 'tool_choice': 'always'}")
                        .get("param")
                        .textValue())
                .isEqualTo("tool_choice");
    }

    @Test
    void aCallThatTheModelWritesByItselfIsFound(@TempDir Path other) throws IOException {
        TinyModel.llama().context(CONTEXT).write(other);
        Files.writeString(
                other.resolve("chat_template.jinja"),
                "{% for t in tools or [] %}{{ t.function.name }} {% endfor %}{% for m in messages %}{{ m.role }}: {{ m.content }}{% for c in m.tool_calls or [] %}<tool_call>{{ c.function.arguments.b }}{% endfor %}{% endfor %}");
        String written = "I say <tool_call>{\\'name\\': \\'say\\', \\'arguments\\': {\\'b\\': \\'x\\'}}</tool_call>";
        String body = "{" + TOOLS + ", 'structured_outputs': {'choice': ['" + written + "']}";
        try (HuggingFaceTokenizer withTools = HuggingFaceTokenizer.open(other);
                ModelServer calling = ModelServer.start(model, withTools, SETTINGS, WebServer.builder())) {
            String path = "/v1/chat/completions";
            JsonNode choice =
                    json(post(calling.origin(), path, body + "}").body()).at("/choices/0");
            assertThat(choice.at("/message/content").textValue()).isEqualTo("I say ");
            assertThat(choice.get("finish_reason").textValue()).isEqualTo("tool_calls");
            JsonNode call = choice.at("/message/tool_calls/0/function");
            assertThat(call.get("arguments").textValue()).isEqualTo("{\"b\":\"x\"}");
            List<JsonNode> pieces = events(
                    post(calling.origin(), path, body + ", 'stream': true}").body());
            assertThat(pieces.stream().map(piece -> piece.at("/choices/0/delta/tool_calls/0/function")))
                    .contains(call);
            String without = body.replace("'structured_outputs'", "'tool_choice': 'none', 'structured_outputs'");
            JsonNode text =
                    json(post(calling.origin(), path, without + "}").body()).at("/choices/0/message");
            assertThat(text.get("content").textValue()).contains("<tool_call>");
            assertThat(text.has("tool_calls")).isFalse();
            String again =
                    "{'messages': [{'role': 'assistant', 'content': null, 'tool_calls': [{'type': 'function', 'function': {'name': 'say', 'arguments': '{\\'b\\': \\'x\\'}'}}]}], 'max_tokens': 1}";
            assertThat(post(calling.origin(), path, again).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void countsWhatOfAPromptWasThereAlready() {
        String body =
                "{'prompt': '" + "the dog saw the cat. ".repeat(20) + "', 'max_tokens': 20, 'seed': 1, 'logprobs': 0";
        JsonNode first = ask("/v1/completions", body + "}");
        JsonNode second = ask("/v1/completions", body + ", 'n': 2}");
        int cached = second.at("/usage/prompt_tokens_details/cached_tokens").intValue();
        assertThat(cached)
                .isPositive()
                .isLessThan(second.at("/usage/prompt_tokens").intValue());
        assertThat(second.at("/choices/0/logprobs")).isEqualTo(first.at("/choices/0/logprobs"));
        assertThat(get(server.origin() + "/metrics")).contains("rlhf4j_cached_prompt_tokens_total");
    }

    @Test
    void saysWhatIsWrong() {
        String chat = "/v1/chat/completions";
        String plain = "/v1/completions";
        assertThat(refused(400, plain, "{'prompt': 'a', 'temprature': 1}")
                        .get("message")
                        .textValue())
                .isEqualTo("temprature is not known here; did you mean temperature?");
        assertThat(refused(400, plain, "{'prompt': 'a', 'best_of': 2}")
                        .get("param")
                        .textValue())
                .isEqualTo("best_of");
        assertThat(refused(404, plain, "{'prompt': 'a', 'model': 'gpt-4'}")
                        .get("code")
                        .textValue())
                .isEqualTo("model_not_found");
        assertThat(refused(400, plain, "{'prompt': 'a', 'max_tokens': 5000}")
                        .get("code")
                        .textValue())
                .isEqualTo("context_length_exceeded");
        assertThat(refused(400, plain, "{'prompt': [999999]}").get("message").textValue())
                .contains("token ids in 0 ..");
        assertThat(refused(400, plain, "{'prompt': ").get("message").textValue())
                .contains("not valid JSON");
        assertThat(refused(400, plain, "{'prompt': 'a', 'temperature': -1}")
                        .get("message")
                        .textValue())
                .isEqualTo("temperature must be a number in [0, 100], but is -1");
        assertThat(refused(400, plain, "{'prompt': 'a', 'n': 9}").get("message").textValue())
                .isEqualTo("n must be a whole number in 1 .. 8, but is 9");
        assertThat(refused(400, chat, "{'messages': []}").get("param").textValue())
                .isEqualTo("messages");
        assertThat(refused(
                                400,
                                chat,
                                "{'messages': [{'role': 'user', 'content': 'a'}], 'tools': [{'type': 'function', 'function': {'name': 'f'}}]}")
                        .get("message")
                        .textValue())
                .contains("chat template");
        assertThat(refused(404, "/v1/embeddings", "{}").get("type").textValue()).isEqualTo("invalid_request_error");
    }

    @Test
    void asksForTheKey() {
        try (ModelServer locked = ModelServer.start(
                model,
                tokenizer,
                new ServeSettings("tiny", 1, 1, 0, 8 << 20, 0),
                WebServer.builder().token("sk-1"))) {
            HttpResponse<String> without = post(locked.origin(), "/v1/completions", "{'prompt': 'a'}");
            assertThat(without.statusCode()).isEqualTo(401);
            assertThat(json(without.body()).at("/error/code").textValue()).isEqualTo("invalid_api_key");
            assertThat(post(locked.origin(), "/v1/completions", "{'prompt': 'a'}", "Authorization", "Bearer sk-1")
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    private static String get(String path) {
        try {
            return CLIENT.send(HttpRequest.newBuilder(URI.create(path)).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits until a line of the metrics is one of these. */
    private static void await(ModelServer of, String... lines) throws InterruptedException {
        String metrics = "";
        for (int i = 0; i < 2000; i++) {
            metrics = get(of.origin() + "/metrics");
            if (Stream.of(lines).map(line -> line + "\n").anyMatch(metrics::contains)) {
                return;
            }
            Thread.sleep(5);
        }
        assertThat(metrics).contains(lines);
    }

    @Test
    void refusesMoreThanItsQueueAndForgetsWhoHasGone() throws Exception {
        try (ModelServer small = start(new ServeSettings("tiny", 1, 0, 0, 64 << 20, 0))) {
            String body = "{\"prompt\": \"a\", \"max_tokens\": 4000, \"ignore_eos\": true}";
            try (Socket socket =
                    new Socket("127.0.0.1", URI.create(small.origin()).getPort())) {
                socket.getOutputStream()
                        .write(("POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length()
                                        + "\r\n\r\n" + body)
                                .getBytes(StandardCharsets.UTF_8));
                await(small, "rlhf4j_sequences_running 1");
                HttpResponse<String> second = post(small.origin(), "/v1/completions", "{'prompt': 'a'}");
                assertThat(second.statusCode()).isEqualTo(429);
                assertThat(second.headers().firstValue("Retry-After")).contains("1");
                assertThat(get(small.origin() + "/health")).isEqualTo("ok\n");
            }
            await(small, "rlhf4j_sequences_running 0");
            await(small, "rlhf4j_request_seconds_count 1"); // its place is free just before that
            assertThat(post(small.origin(), "/v1/completions", "{'prompt': 'a'}")
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void aStopLetsRunningRequestsFinish() throws Exception {
        ModelServer stopping = start(new ServeSettings("tiny", 4, 4, 0, 64 << 20, 0));
        List<CompletableFuture<HttpResponse<String>>> running = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            running.add(CompletableFuture.supplyAsync(() -> post(
                    stopping.origin(), "/v1/completions", "{'prompt': 'a', 'max_tokens': 4000, 'ignore_eos': true}")));
        }
        await(
                stopping,
                "rlhf4j_sequences_running 2",
                "rlhf4j_requests_total{endpoint=\"completions\",status=\"200\"} 2"); // a processor that was too fast
        stopping.stop(Duration.ofSeconds(30));
        for (CompletableFuture<HttpResponse<String>> each : running) {
            HttpResponse<String> response = each.get(20, TimeUnit.SECONDS);
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(json(response.body()).at("/usage/completion_tokens").intValue())
                    .isEqualTo(4000);
        }
    }
}
