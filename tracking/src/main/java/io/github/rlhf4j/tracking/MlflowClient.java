package io.github.rlhf4j.tracking;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.Printable;
import io.github.rlhf4j.http.Endpoint;
import io.github.rlhf4j.http.LimitedBody;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What we need of MLflow's REST interface, version 2.0. Source: mlflow.org/docs/latest/rest-api.html. */
final class MlflowClient {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Set<Integer> PASSING = Set.of(408, 425, 429);

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(Duration.ofSeconds(10))
            .build();
    private final Endpoint endpoint;
    private final Duration timeout;

    MlflowClient(Endpoint endpoint, Duration timeout) {
        this.endpoint = endpoint;
        this.timeout = timeout;
    }

    /** The server gave no answer, or refused. */
    static final class Failure extends Exception {
        private static final long serialVersionUID = 1L;

        private final boolean passing;
        private final int status;

        Failure(String message, boolean passing, int status) {
            super(message);
            this.passing = passing;
            this.status = status;
        }

        /** Whether the same may succeed later. */
        boolean isPassing() {
            return passing;
        }
    }

    /** The server, for messages. */
    String shown() {
        return endpoint.shown();
    }

    /** The id of the experiment of that name, which is made where there is none. */
    String experiment(String name) throws Failure, InterruptedException {
        try {
            return get("experiments/get-by-name?experiment_name=" + encoded(name))
                    .path("experiment")
                    .path("experiment_id")
                    .asText();
        } catch (Failure e) {
            if (e.status != 404) {
                throw e;
            }
        }
        return post("experiments/create", MAPPER.createObjectNode().put("name", name))
                .path("experiment_id")
                .asText();
    }

    /** Begins a run; its id. */
    String begin(String experiment, String name, long millis, Map<String, String> tags)
            throws Failure, InterruptedException {
        ObjectNode body = MAPPER.createObjectNode()
                .put("experiment_id", experiment)
                .put("run_name", name)
                .put("start_time", millis);
        body.set("tags", pairs(tags));
        return post("runs/create", body).path("run").path("info").path("run_id").asText();
    }

    /** The last step of each metric of a run; empty where the server has no such run. */
    Optional<Map<String, Long>> steps(String run) throws Failure, InterruptedException {
        try {
            Map<String, Long> steps = new HashMap<>();
            get("runs/get?run_id=" + encoded(run))
                    .path("run")
                    .path("data")
                    .path("metrics")
                    .forEach(metric -> steps.merge(
                            metric.path("key").asText(), metric.path("step").asLong(), Math::max));
            return Optional.of(steps);
        } catch (Failure e) {
            if (e.status == 404) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Logs parameters. */
    void parameters(String run, Map<String, String> parameters) throws Failure, InterruptedException {
        ObjectNode body = MAPPER.createObjectNode().put("run_id", run);
        body.set("params", pairs(parameters));
        post("runs/log-batch", body);
    }

    /** Logs metrics: objects with key, value, timestamp and step. */
    void metrics(String run, ArrayNode metrics) throws Failure, InterruptedException {
        ObjectNode body = MAPPER.createObjectNode().put("run_id", run);
        body.set("metrics", metrics);
        post("runs/log-batch", body);
    }

    /** Sets a run's status: RUNNING, FINISHED, FAILED or KILLED; the last three end it. */
    void status(String run, String status, long millis) throws Failure, InterruptedException {
        ObjectNode body = MAPPER.createObjectNode().put("run_id", run).put("status", status);
        if (!status.equals("RUNNING")) {
            body.put("end_time", millis);
        }
        post("runs/update", body);
    }

    private static ArrayNode pairs(Map<String, String> values) {
        ArrayNode pairs = MAPPER.createArrayNode();
        values.forEach((key, value) -> pairs.addObject().put("key", key).put("value", value));
        return pairs;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private JsonNode get(String path) throws Failure, InterruptedException {
        return send(request(path).GET().build());
    }

    private JsonNode post(String path, JsonNode body) throws Failure, InterruptedException {
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                .build());
    }

    private HttpRequest.Builder request(String path) {
        String base = endpoint.url().toString().replaceFirst("/+$", "");
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + "/api/2.0/mlflow/" + path))
                .timeout(timeout);
        endpoint.headers().forEach(request::setHeader);
        return request;
    }

    private JsonNode send(HttpRequest request) throws Failure, InterruptedException {
        HttpResponse<byte[]> response;
        try {
            response = client.send(request, info -> new LimitedBody());
        } catch (IOException e) {
            String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw new Failure("MLflow at " + shown() + " cannot be reached: " + Printable.line(why), true, 0);
        }
        int status = response.statusCode();
        String text = new String(response.body(), StandardCharsets.UTF_8);
        if (status / 100 != 2) {
            throw new Failure(
                    "MLflow at " + shown() + " answered with status " + status + ": " + endpoint.quoted(text),
                    PASSING.contains(status) || status >= 500,
                    status);
        }
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new Failure(
                    "MLflow at " + shown() + " must answer in JSON, but answered: " + endpoint.quoted(text),
                    false,
                    status);
        }
    }
}
