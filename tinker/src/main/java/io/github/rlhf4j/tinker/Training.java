package io.github.rlhf4j.tinker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.server.Answer;
import io.github.rlhf4j.server.Call;
import io.github.rlhf4j.server.HttpFailure;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The requests that train: each has an id at once, and its result when its turn has come. */
final class Training {
    private static final Duration TURN = Duration.ofMinutes(5);
    private static final Duration LOOK = Duration.ofMinutes(1); // between two looks for what has expired

    private final BaseModels bases;
    private final TinkerSettings settings;
    private final Store store;
    private final Sessions sessions;
    private final Tasks tasks;
    private final Map<String, Client> clients = new ConcurrentSkipListMap<>();
    private long lookedAtStore = System.nanoTime() - LOOK.toNanos(); // of the thread that computes

    /** A client's model. */
    private static final class Client {
        private final String id;
        private final Turns turns;
        private volatile @Nullable BaseModel base;
        private volatile @Nullable AdapterShape shape;
        private @Nullable TrainedModel model; // of the thread that computes

        Client(String id, Turns turns) {
            this.id = id;
            this.turns = turns;
        }

        String session() {
            return id.substring(0, id.indexOf(':'));
        }

        TrainedModel model() {
            TrainedModel made = model;
            if (made == null) {
                throw new UserError("the model " + id + " is not there: making it failed, or its session has ended");
            }
            return made;
        }

        void close() {
            TrainedModel made = model;
            model = null;
            if (made != null) {
                made.close();
            }
        }
    }

    Training(BaseModels bases, TinkerSettings settings, Store store, Sessions sessions, Tasks tasks) {
        this.bases = bases;
        this.settings = settings;
        this.store = store;
        this.sessions = sessions;
        this.tasks = tasks;
    }

    /** Answers {@code /create_model}. */
    Answer create(Call call) {
        JsonNode request = call.json();
        String id = newId(request);
        String optimizer = request.path("optimizer_config").path("type").asText("adamw");
        return Answer.json(tasks.once(id + ":create", id, task -> {
            Client client = client(id);
            tasks.execute(task, () -> {
                requireAdam(optimizer);
                make(
                        client,
                        bases.named(request.path("base_model").asText()),
                        AdapterShape.of(request.path("lora_config"), settings.seed()));
                return Answer.json(Map.of("type", "create_model", "model_id", id));
            });
        }));
    }

    private String newId(JsonNode request) {
        JsonNode number = request.path("model_seq_id");
        if (!number.canConvertToInt() || number.asInt() < 0) {
            throw new HttpFailure(400, "model_seq_id must be a number >= 0");
        }
        return sessions.require(request) + ":train:" + number.asInt();
    }

    private Client client(String id) {
        return clients.computeIfAbsent(id, key -> new Client(key, tasks.turns()));
    }

    private static void requireAdam(String optimizer) {
        if (!optimizer.equals("adamw")) {
            throw new UserError("optimizer_config: \"" + optimizer + "\" is not supported: adamw is");
        }
    }

    private static void make(Client client, BaseModel base, AdapterShape shape) {
        client.close();
        client.model = new TrainedModel(base, shape);
        client.base = base;
        client.shape = shape;
    }

    /** Answers {@code /forward_backward}, and forward passes. */
    Answer compute(Call call) {
        byte[] body = call.body();
        if (call.header("content-encoding").isPresent()) {
            throw new HttpFailure(400, "the body must not be compressed");
        }
        LossRequest.Envelope envelope = LossRequest.Envelope.read(body);
        return inTurn(
                envelope.model(), envelope.number(), client -> client.model().compute(LossRequest.read(body)));
    }

    /** Answers {@code /optim_step}. */
    Answer update(Call call) {
        JsonNode request = call.json();
        return inTurn(request, client -> {
            if (request.path("optimizer_params").isObject()) {
                requireAdam(request.path("optimizer_params").path("type").asText());
            }
            return client.model().update(request.path("adam_params"));
        });
    }

    /** Answers {@code /save_weights}. */
    Answer save(Call call) {
        JsonNode request = call.json();
        return inTurn(request, client -> {
            Place place =
                    new Place(client.id, Place.TRAINING, request.path("path").asText(""));
            client.model()
                    .save(
                            store,
                            place,
                            request.path("overwrite").asBoolean(false),
                            request.path("user_metadata"),
                            TimeToLive.of(request, store));
            return Answer.json(Map.of("type", "save_weights", "path", place.path()));
        });
    }

    /** Answers {@code /save_weights_for_sampler}: with a path, or with what samples from the weights as they are. */
    Answer saveForSampler(Call call) {
        JsonNode request = call.json();
        return inTurn(request, client -> {
            long number = request.path("sampling_session_seq_id").asLong(-1);
            boolean isNamed = request.path("path").isTextual();
            if (!isNamed && number < 0) {
                throw new UserError("path or sampling_session_seq_id must be given");
            }
            String name = isNamed ? request.path("path").asText() : "sampler-" + number;
            Place place = new Place(client.id, Place.SAMPLING, name);
            client.model().save(store, place, !isNamed, request.path("user_metadata"), TimeToLive.of(request, store));
            ObjectNode json = JsonNodeFactory.instance.objectNode().put("type", "save_weights_for_sampler");
            if (isNamed) {
                return Answer.json(json.put("path", place.path()));
            }
            boolean follows = request.path("kind").asText().equals("inflight");
            if (follows) {
                sessions.publish(client.id, place.path());
            }
            return Answer.json(json.put(
                    "sampling_session_id",
                    sessions.addSampler(
                            client.session(), number, base(client), place.path(), follows ? client.id : "")));
        });
    }

    private static BaseModel base(Client client) {
        BaseModel base = client.base;
        if (base == null) {
            throw new HttpFailure(404, "there is no model " + client.id);
        }
        return base;
    }

    /** Answers {@code /load_weights}: into a model, or into one that is made for it. */
    Answer load(Call call) {
        JsonNode request = call.json();
        String path = request.path("path").asText();
        boolean withOptimizer = request.path("optimizer").asBoolean(false);
        if (request.path("model_id").isTextual()) {
            return inTurn(request, client -> loaded(client, path, withOptimizer));
        }
        String id = newId(request);
        return Answer.json(tasks.once(id + ":load", id, task -> {
            Client client = client(id);
            tasks.execute(task, () -> {
                requireAdam(request.path("optimizer_config").path("type").asText("adamw"));
                JsonNode saved = store.description(Place.of(path));
                String base = request.path("base_model").asText("");
                make(
                        client,
                        bases.named(
                                base.isEmpty() || request.path("base_model").isNull()
                                        ? saved.path("base_model").asText()
                                        : base),
                        AdapterShape.read(saved));
                try {
                    return loaded(client, path, withOptimizer);
                } catch (RuntimeException e) {
                    client.close();
                    throw e;
                }
            });
        }));
    }

    private Answer loaded(Client client, String path, boolean withOptimizer) {
        client.model().load(store, Place.of(path), withOptimizer);
        return Answer.json(Map.of("type", "load_weights", "path", path, "model_id", client.id));
    }

    private Answer inTurn(JsonNode request, Function<Client, Answer> work) {
        return inTurn(request.path("model_id").asText(), request.path("seq_id").asLong(0), work);
    }

    private Answer inTurn(String model, long number, Function<Client, Answer> work) {
        Client client = clients.get(model);
        if (client == null) {
            throw new HttpFailure(
                    404,
                    "there is no model \"" + model
                            + "\": it was never made, or the server was started again; make one from what you have saved");
        }
        client.turns.require(number);
        String id = model + ":" + (number > 0 ? number : "unnumbered-" + tasks.number());
        return Answer.json(tasks.once(
                id,
                model,
                task -> client.turns.add(
                        number,
                        () -> tasks.run(task, () -> work.apply(client)),
                        () -> tasks.run(task, () -> {
                            throw new UserError(
                                    "a request of this model with a smaller seq_id has not come, or was refused");
                        }))));
    }

    /** Answers {@code /get_info}. */
    Answer info(Call call) {
        String id = call.json().path("model_id").asText();
        Client client = clients.get(id);
        AdapterShape shape = client == null ? null : client.shape;
        if (client == null || shape == null) {
            throw new HttpFailure(404, "there is no model \"" + id + "\"");
        }
        BaseModel base = base(client);
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("type", "get_info")
                .put("model_id", id)
                .put("is_lora", true)
                .put("lora_rank", shape.rank())
                .put("model_name", base.name());
        json.putObject("model_data")
                .put("arch", base.transformer().config().family().modelType())
                .put("model_name", base.name())
                .put("tokenizer_id", base.tokenizerId());
        return Answer.json(json);
    }

    /** A session has ended: its models go. */
    Answer finish(Call call) {
        String session = call.variable("id");
        tasks.execute(() -> clients.values().stream()
                .filter(client -> client.id.startsWith(session + ":"))
                .forEach(Client::close));
        return Answer.json(Map.of("status", "ok"));
    }

    /** Ids of the models that are there. */
    List<String> runs() {
        return List.copyOf(clients.keySet());
    }

    /** What is known of a model that is there: as {@code checkpoint.json} says it of one that was saved. */
    JsonNode description(String id) {
        Client client = clients.get(id);
        AdapterShape shape = client == null ? null : client.shape;
        if (client == null || shape == null) {
            return MissingNode.getInstance();
        }
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("base_model", base(client).name());
        shape.writeTo(json);
        return json;
    }

    /** Gives up what waits for requests that do not come, frees the models of clients that are gone, and removes what has expired. To be called by the thread that computes, from time to time. */
    void tidy() {
        if (System.nanoTime() - lookedAtStore > LOOK.toNanos()) {
            lookedAtStore = System.nanoTime();
            store.removeExpired();
        }
        for (Client client : clients.values()) {
            client.turns.giveUp(TURN);
            if (client.model != null && sessions.isGone(client.session())) {
                client.close();
            }
        }
    }

    /** To be called by the thread that computes. */
    void close() {
        clients.values().forEach(Client::close);
    }
}
