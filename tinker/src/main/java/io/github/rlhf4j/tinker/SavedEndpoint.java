package io.github.rlhf4j.tinker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.server.Answer;
import io.github.rlhf4j.server.Call;
import io.github.rlhf4j.server.HttpFailure;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** What the SDK's RestClient asks: runs, and what is saved of them. */
final class SavedEndpoint {
    private final Store store;
    private final Training training;

    SavedEndpoint(Store store, Training training) {
        this.store = store;
        this.training = training;
    }

    /** Runs that are there, and those of which something is saved. */
    List<String> runs() {
        TreeSet<String> runs = new TreeSet<>(store.runs());
        runs.addAll(training.runs());
        return List.copyOf(runs);
    }

    /** Answers {@code /training_runs}. */
    Answer list(Call call) {
        List<ObjectNode> all = new ArrayList<>();
        runs().stream().map(this::describe).filter(run -> run.has("base_model")).forEach(all::add);
        return page(call, "training_runs", all, 20);
    }

    /** Answers {@code /training_runs/ID}. */
    Answer run(Call call) {
        ObjectNode run = describe(call.variable("run"));
        if (!run.has("base_model")) {
            throw new HttpFailure(404, "there is no training run \"" + call.variable("run") + "\"");
        }
        return Answer.json(run);
    }

    private ObjectNode describe(String id) {
        List<Place> places = store.places(id);
        JsonNode known = training.description(id);
        JsonNode from = known.isObject() || places.isEmpty() ? known : store.description(places.get(0));
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("training_run_id", id)
                .put("model_owner", "local")
                .put("is_lora", true)
                .put("last_request_time", (places.isEmpty() ? Instant.EPOCH : store.time(places.get(0))).toString());
        if (from.isObject()) {
            json.put("base_model", from.path("base_model").asText())
                    .put("lora_rank", from.path("lora_rank").asInt());
        }
        last(places, Place.TRAINING, json, "last_checkpoint");
        last(places, Place.SAMPLING, json, "last_sampler_checkpoint");
        return json;
    }

    private void last(List<Place> places, String kind, ObjectNode json, String name) {
        places.stream()
                .filter(place -> place.kind().equals(kind))
                .findFirst()
                .ifPresent(place -> json.set(name, store.checkpoint(place)));
    }

    /** Answers {@code /training_runs/ID/checkpoints}. */
    Answer checkpoints(Call call) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode list = json.putArray("checkpoints");
        store.places(call.variable("run")).forEach(place -> list.add(store.checkpoint(place)));
        return Answer.json(json);
    }

    /** Answers {@code /checkpoints}: those of all runs. */
    Answer all(Call call) {
        List<ObjectNode> all = new ArrayList<>();
        store.runs().forEach(run -> store.places(run).forEach(place -> all.add(store.checkpoint(place))));
        return page(call, "checkpoints", all, 100);
    }

    private static Answer page(Call call, String name, List<ObjectNode> all, int usual) {
        int limit = number(call, "limit", usual);
        int offset = number(call, "offset", 0);
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode list = json.putArray(name);
        all.stream().skip(offset).limit(limit).forEach(list::add);
        json.putObject("cursor").put("offset", offset).put("limit", limit).put("total_count", all.size());
        return Answer.json(json);
    }

    private static int number(Call call, String name, int usual) {
        String text = call.query(name).orElse(String.valueOf(usual));
        if (!text.matches("[0-9]{1,9}")) {
            throw new HttpFailure(400, name + " must be a number >= 0");
        }
        return Integer.parseInt(text);
    }

    /** Removes a checkpoint. */
    Answer delete(Call call) {
        store.delete(place(call));
        return Answer.none();
    }

    /** Says when a checkpoint goes by itself. */
    Answer expire(Call call) {
        store.expire(place(call), TimeToLive.of(call.json(), store));
        return Answer.none();
    }

    private static Place place(Call call) {
        return new Place(call.variable("run"), call.variable("kind"), call.variable("name"));
    }

    /** Answers {@code /weights_info}. */
    Answer info(Call call) {
        JsonNode saved =
                store.description(Place.of(call.json().path("tinker_path").asText()));
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("is_lora", true);
        for (String name : List.of("base_model", "lora_rank", "train_unembed", "train_mlp", "train_attn")) {
            json.set(name, saved.path(name));
        }
        return Answer.json(json);
    }
}
