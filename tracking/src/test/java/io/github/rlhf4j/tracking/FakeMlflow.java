package io.github.rlhf4j.tracking;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A little of MLflow: experiments, runs, parameters, metrics. What it knows outlives its being away. */
final class FakeMlflow implements AutoCloseable {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** A run. */
    static final class Run {
        String name = "";
        String status = "RUNNING";
        final Map<String, String> tags = new TreeMap<>();
        final Map<String, String> parameters = new TreeMap<>();
        final List<String> points = new ArrayList<>(); // "key step value"
        final Map<String, Long> steps = new TreeMap<>();
    }

    final Map<String, Run> runs = new LinkedHashMap<>();
    private final Map<String, String> experiments = new TreeMap<>();
    private final HttpServer server;
    volatile int status = 200; // what is answered to everything; 200: as it should be
    volatile String refusal = "{}"; // what is said with another status

    FakeMlflow() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    synchronized Run run(String name) {
        return runs.values().stream()
                .filter(run -> run.name.equals(name))
                .findFirst()
                .orElseThrow();
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath().replace("/api/2.0/mlflow/", "");
            String query = String.valueOf(exchange.getRequestURI().getQuery()).replaceFirst("^[^=]*=", "");
            byte[] given = exchange.getRequestBody().readAllBytes();
            JsonNode body = given.length == 0 ? MAPPER.createObjectNode() : MAPPER.readTree(given);
            ObjectNode reply = MAPPER.createObjectNode();
            int code = status != 200 ? status : reply(path, query, body, reply);
            byte[] bytes = (status == 200 ? reply.toString() : refusal).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(code, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private int reply(String path, String query, JsonNode body, ObjectNode reply) {
        @Nullable Run known = runs.get(body.path("run_id").asText(query));
        if (known == null && (path.equals("runs/get") || path.equals("runs/log-batch") || path.equals("runs/update"))) {
            return 404;
        }
        Run run = known == null ? new Run() : known;
        switch (path) {
            case "experiments/get-by-name" -> {
                if (!experiments.containsKey(query)) {
                    return 404;
                }
                reply.putObject("experiment").put("experiment_id", experiments.get(query));
            }
            case "experiments/create" -> {
                experiments.put(body.path("name").asText(), "e1");
                reply.put("experiment_id", "e1");
            }
            case "runs/create" -> {
                Run made = new Run();
                made.name = body.path("run_name").asText();
                body.path("tags")
                        .forEach(tag -> made.tags.put(
                                tag.path("key").asText(), tag.path("value").asText()));
                String id = "r" + runs.size();
                runs.put(id, made);
                reply.putObject("run").putObject("info").put("run_id", id);
            }
            case "runs/get" -> {
                var metrics = reply.putObject("run").putObject("data").putArray("metrics");
                run.steps.forEach(
                        (key, step) -> metrics.addObject().put("key", key).put("step", step));
            }
            case "runs/log-batch" -> {
                body.path("params")
                        .forEach(pair -> run.parameters.put(
                                pair.path("key").asText(), pair.path("value").asText()));
                body.path("metrics").forEach(metric -> {
                    run.points.add(metric.path("key").asText() + " "
                            + metric.path("step").asText() + " "
                            + metric.path("value").asText());
                    run.steps.merge(
                            metric.path("key").asText(), metric.path("step").asLong(), Math::max);
                });
            }
            case "runs/update" -> run.status = body.path("status").asText();
            default -> {
                return 404;
            }
        }
        return 200;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
