package io.github.rlhf4j.tinker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** What the SDK sends and reads, as little of it as tests need. */
final class TestClient {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final String origin;

    TestClient(String origin) {
        this.origin = origin;
    }

    HttpResponse<byte[]> send(String method, String path, byte[] body, String contentType) {
        try {
            return HTTP.send(
                    HttpRequest.newBuilder(URI.create(origin + "/api/v1/" + path))
                            .timeout(Duration.ofSeconds(60))
                            .header("Content-Type", contentType)
                            .method(method, HttpRequest.BodyPublishers.ofByteArray(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    HttpResponse<byte[]> post(String path, String json) {
        return send("POST", path, json.replace('\'', '"').getBytes(StandardCharsets.UTF_8), "application/json");
    }

    /** Of an answer that is no failure. */
    JsonNode ask(String path, String json) {
        return read(post(path, json));
    }

    JsonNode get(String path) {
        return read(send("GET", path, new byte[0], "application/json"));
    }

    private static JsonNode read(HttpResponse<byte[]> response) {
        String text = new String(response.body(), StandardCharsets.UTF_8);
        if (response.statusCode() != 200) {
            throw new AssertionError(response.statusCode() + " " + text);
        }
        return json(response.body());
    }

    static JsonNode json(byte[] body) {
        try {
            return MAPPER.readTree(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The result of a request that was accepted. */
    byte[] result(JsonNode promise) {
        while (true) {
            HttpResponse<byte[]> response = post(
                    "retrieve_future",
                    "{'request_id': '" + promise.path("request_id").asText() + "'}");
            if (response.statusCode() == 200) {
                return response.body();
            }
            if (response.statusCode() != 408) {
                throw new AssertionError(
                        response.statusCode() + " " + new String(response.body(), StandardCharsets.UTF_8));
            }
        }
    }

    JsonNode resultOf(String path, String json) {
        return json(result(ask(path, json)));
    }

    String session() {
        return ask("create_session", "{'tags': [], 'sdk_version': '0.38.0'}")
                .path("session_id")
                .asText();
    }

    /** A new model with an adapter. */
    String model(String base, int rank, long seed) {
        return resultOf(
                        "create_model",
                        "{'session_id': '" + session() + "', 'model_seq_id': 0, 'base_model': '" + base
                                + "', 'lora_config': {'rank': " + rank + ", 'seed': " + seed + "}}")
                .path("model_id")
                .asText();
    }

    /** A number of tokens, each the target of the one before. */
    static Wire datum(int[] ids, Map<String, float[]> inputs) {
        int n = ids.length - 1;
        long[] targets = new long[n];
        for (int i = 0; i < n; i++) {
            targets[i] = ids[i + 1];
        }
        Wire datum = new Wire()
                .message(1, new Wire().message(1, new Wire().bytes(1, Wire.ints(java.util.Arrays.copyOf(ids, n)))))
                .message(
                        2,
                        entry(
                                "target_tokens",
                                new Wire()
                                        .bytes(1, Wire.longs(targets))
                                        .varint(3, 2)
                                        .varint(4, n)));
        inputs.forEach((name, values) -> datum.message(
                2,
                entry(
                        name,
                        new Wire().bytes(1, Wire.floats(values)).varint(3, 1).varint(4, values.length))));
        return datum;
    }

    static Wire entry(String name, Wire value) {
        return new Wire().text(1, name).message(2, value);
    }

    static Wire request(String model, long number, String loss, Wire... data) {
        Wire request = new Wire().text(1, model).varint(2, number).text(4, loss);
        for (Wire datum : data) {
            request.message(3, datum);
        }
        return request;
    }

    JsonNode submit(Wire request) {
        return read(send("POST", "forward_backward", request.toBytes(), "application/x-protobuf"));
    }

    /** What forward_backward gives. */
    record Output(double loss, float[] logProbs) {}

    Output compute(Wire request) {
        return output(result(submit(request)));
    }

    static Output output(byte[] body) {
        Map<String, Double> metrics = new TreeMap<>();
        float[] logProbs = {};
        WireReader in = new WireReader(body);
        while (in.next()) {
            switch (in.field()) {
                case 2 -> logProbs = logProbs(in.message());
                case 3 -> {
                    WireReader entry = in.message();
                    entry.next();
                    String name = entry.text();
                    entry.next();
                    metrics.put(name, entry.number());
                }
                default -> in.skip();
            }
        }
        return new Output(Objects.requireNonNull(metrics.get("loss:sum")), logProbs);
    }

    private static float[] logProbs(WireReader record) {
        while (record.next()) {
            if (record.field() == 2) {
                WireReader entry = record.message();
                entry.next();
                entry.skip();
                entry.next();
                WireReader tensor = entry.message();
                tensor.next();
                return floats(tensor.bytes());
            }
            record.skip();
        }
        return new float[0];
    }

    static float[] floats(byte[] bytes) {
        FloatBuffer buffer =
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        return values;
    }

    JsonNode step(String model, long number, double rate) {
        return resultOf(
                "optim_step",
                "{'model_id': '" + model + "', 'seq_id': " + number + ", 'adam_params': {'learning_rate': " + rate
                        + ", 'beta1': 0.9, 'beta2': 0.95, 'eps': 1e-8}}");
    }
}
