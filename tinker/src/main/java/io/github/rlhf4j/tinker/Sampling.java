package io.github.rlhf4j.tinker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.server.Answer;
import io.github.rlhf4j.server.Call;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The requests that sample. */
final class Sampling {
    private final BaseModels bases;
    private final Store store;
    private final Sessions sessions;
    private final Samplers samplers;
    private final Tasks tasks;
    private final CounterRandom random;
    private final Map<String, Sampled> running = new ConcurrentHashMap<>();

    Sampling(
            BaseModels bases, TinkerSettings settings, Store store, Sessions sessions, Samplers samplers, Tasks tasks) {
        this.bases = bases;
        this.store = store;
        this.sessions = sessions;
        this.samplers = samplers;
        this.tasks = tasks;
        this.random = CounterRandom.of(settings.seed()).derive("tinker");
    }

    /** Answers {@code /create_sampling_session}. */
    Answer create(Call call) {
        JsonNode request = call.json();
        String session = sessions.require(request);
        String path = text(request, "model_path");
        String id = sessions.addSampler(
                session,
                request.path("sampling_session_seq_id").asLong(),
                base(text(request, "base_model"), path),
                path,
                "");
        return Answer.json(Map.of("type", "create_sampling_session", "sampling_session_id", id));
    }

    private static String text(JsonNode request, String name) {
        return Optional.ofNullable(request.path(name).textValue()).orElse("");
    }

    /** The model of saved weights, or the one that is named. */
    private BaseModel base(String name, String path) {
        if (path.isEmpty() && name.isEmpty()) {
            throw new UserError("base_model or model_path must be given");
        }
        return bases.named(
                path.isEmpty()
                        ? name
                        : store.description(Place.of(path)).path("base_model").asText());
    }

    /** Answers {@code /asample}: with an id of the request, and of each sequence to come. */
    Answer sample(Call call) {
        JsonNode request = call.json();
        String session = text(request, "sampling_session_id");
        Sessions.Sampler sampler = session.isEmpty() ? unnamed(request) : sessions.sampler(session);
        String id = sampler.id() + ":"
                + (session.isEmpty() ? tasks.number() : request.path("seq_id").asLong());
        CounterRandom unseeded = random.derive(id.substring(id.indexOf(':')));
        ObjectNode promise = tasks.once(id, "", task -> tasks.execute(() -> begin(task, request, sampler, unseeded)));
        ArrayNode sequences = promise.putArray("sample_sequence_ids");
        int samples = Math.min(request.path("num_samples").asInt(1), SampleCall.MOST_SAMPLES);
        for (int i = 0; i < samples; i++) {
            sequences.add(id + ":" + i);
        }
        return Answer.json(promise);
    }

    private Sessions.Sampler unnamed(JsonNode request) {
        String path = text(request, "model_path");
        return new Sessions.Sampler("sample:unnamed", base(text(request, "base_model"), path), path, "");
    }

    private void begin(String id, JsonNode request, Sessions.Sampler sampler, CounterRandom unseeded) {
        try {
            SampleCall wanted = SampleCall.read(request, sampler.base(), unseeded);
            Samplers.Weights weights = new Samplers.Weights(
                    sampler.base(),
                    sampler.path().isEmpty()
                            ? Optional.empty()
                            : Optional.of(store.existing(Place.of(sampler.path()))));
            Sampled sampled = new Sampled(wanted, answer -> {
                running.remove(id);
                tasks.complete(id, answer);
            });
            running.put(id, sampled);
            samplers.add(weights, sampled);
        } catch (RuntimeException e) {
            running.remove(id);
            tasks.run(id, () -> {
                throw e;
            });
        }
    }

    /** Answers {@code /cancel_future}: what has not been sampled yet is not. */
    Answer cancel(Call call) {
        String id = call.json().path("request_id").asText();
        tasks.execute(() -> Optional.ofNullable(running.get(id)).ifPresent(Sampled::cancel));
        return Answer.json(Map.of("status", "ok"));
    }
}
