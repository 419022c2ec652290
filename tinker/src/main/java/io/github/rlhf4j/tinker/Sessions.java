package io.github.rlhf4j.tinker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.server.Answer;
import io.github.rlhf4j.server.Call;
import io.github.rlhf4j.server.HttpFailure;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/** Clients' sessions, and what they sample from. */
final class Sessions {
    private static final Duration GONE = Duration.ofMinutes(30);

    private final Store store;
    private final Map<String, ObjectNode> sessions = new TreeMap<>(); // guarded by this, as what follows
    private final Map<String, Sampler> samplers = new TreeMap<>();
    private final Map<String, String> inflight = new TreeMap<>(); // the newest path of each model
    private final Map<String, Long> seen = new TreeMap<>(); // when a session's last sign of life was
    private final Map<String, Integer> clients = new TreeMap<>(); // of a sampler, beside its first

    /**
     * What a sampling client is of.
     *
     * @param base its model
     * @param path of saved weights; empty: the base itself
     * @param follows the model whose newest weights it samples from; empty: no model's
     */
    record Sampler(String id, BaseModel base, String path, String follows) {}

    Sessions(Store store) {
        this.store = store;
    }

    Answer create(Call call) {
        JsonNode request = call.json();
        String id = store.newSession();
        ObjectNode session = JsonNodeFactory.instance.objectNode();
        session.set("user_metadata", request.path("user_metadata").isObject() ? request.get("user_metadata") : null);
        session.put("display_name", request.path("display_name").textValue());
        synchronized (this) {
            sessions.put(id, session);
            seen.put(id, System.nanoTime());
        }
        return Answer.json(Map.of("type", "create_session", "session_id", id));
    }

    /** @throws HttpFailure 404 where there is no such session since the server was started */
    String require(JsonNode request) {
        String id = request.path("session_id").asText();
        synchronized (this) {
            if (!sessions.containsKey(id)) {
                throw new HttpFailure(
                        404, "there is no session \"" + id + "\": it has ended, or the server was started again");
            }
        }
        return id;
    }

    Answer heartbeat(Call call) {
        String id = require(call.json());
        synchronized (this) {
            seen.put(id, System.nanoTime());
        }
        return Answer.json(Map.of("type", "session_heartbeat"));
    }

    /** Whether a session's client has been silent for so long that it has ended: the SDK gives a sign of life every few seconds. */
    synchronized boolean isGone(String id) {
        Long last = seen.get(id);
        return last != null && System.nanoTime() - last > GONE.toNanos();
    }

    synchronized String addSampler(String session, long number, BaseModel base, String path, String follows) {
        String id = session + ":sample:" + number;
        samplers.putIfAbsent(id, new Sampler(id, base, path, follows));
        return id;
    }

    /** A model's newest weights for those who follow them. */
    synchronized void publish(String model, String path) {
        inflight.put(model, path);
    }

    synchronized Sampler sampler(String id) {
        Sampler sampler = samplers.get(id);
        if (sampler == null) {
            throw new HttpFailure(
                    404, "there is no sampling session \"" + id + "\": the server may have been started again");
        }
        String newest = inflight.get(sampler.follows());
        return newest == null ? sampler : new Sampler(id, sampler.base(), newest, sampler.follows());
    }

    synchronized Answer join(Call call) {
        String id = sampler(call.json().path("sampling_session_id").asText()).id();
        return Answer.json(
                Map.of("type", "join_sampling_session", "client_counter", clients.merge(id, 1, Integer::sum)));
    }

    Answer describeSampler(Call call) {
        Sampler sampler = sampler(call.variable("id"));
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("sampler_id", sampler.id())
                .put("base_model", sampler.base().name());
        if (!sampler.path().isEmpty()) {
            json.put("model_path", sampler.path());
        }
        return Answer.json(json);
    }

    synchronized Answer list() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        sessions.keySet().forEach(json.putArray("sessions")::add);
        return Answer.json(json);
    }

    /** @param runs of the server, of which the session's are named */
    synchronized Answer describe(String id, Iterable<String> runs) {
        ObjectNode session = sessions.get(id);
        if (session == null) {
            throw new HttpFailure(404, "there is no session \"" + id + "\"");
        }
        ObjectNode json = session.deepCopy();
        var own = json.putArray("training_run_ids");
        runs.forEach(run -> {
            if (run.startsWith(id + ":")) {
                own.add(run);
            }
        });
        var sampling = json.putArray("sampler_ids");
        samplers.keySet().stream()
                .filter(sampler -> sampler.startsWith(id + ":"))
                .forEach(sampling::add);
        return Answer.json(json);
    }
}
