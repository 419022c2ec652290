package io.github.rlhf4j.bestofn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.train.Stateful;
import io.github.rlhf4j.rollout.Rollout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The demonstrations that a round has kept so far, as tokens; part of every checkpoint. */
final class Kept implements Stateful {
    private final List<Demonstration> list = new ArrayList<>();

    /** A prompt and its best response. The arrays are not copied; nobody changes them. */
    @SuppressWarnings("ArrayRecordComponent")
    record Demonstration(int[] promptIds, int[] responseIds) {
        /** As a next-token loss takes it: the response's tokens are targets. */
        List<TokenSequence> sequences() {
            return List.of(Rollout.responseTargets(promptIds, responseIds, 0));
        }
    }

    void add(Rollout rollout) {
        list.add(new Demonstration(rollout.promptIds(), rollout.responseIds()));
    }

    List<Demonstration> list() {
        return List.copyOf(list);
    }

    /** A new round begins. */
    void clear() {
        list.clear();
    }

    @Override
    public void save(ObjectNode state) {
        ArrayNode array = state.putArray("demonstrations");
        for (Demonstration demonstration : list) {
            ObjectNode node = array.addObject();
            ArrayNode prompt = node.putArray("prompt_ids");
            Arrays.stream(demonstration.promptIds()).forEach(prompt::add);
            ArrayNode ids = node.putArray("ids");
            Arrays.stream(demonstration.responseIds()).forEach(ids::add);
        }
    }

    @Override
    public void restore(ObjectNode state) {
        list.clear();
        state.path("demonstrations")
                .forEach(node -> list.add(new Demonstration(ints(node.path("prompt_ids")), ints(node.path("ids")))));
    }

    private static int[] ints(JsonNode array) {
        int[] numbers = new int[array.size()];
        Arrays.setAll(numbers, i -> array.get(i).asInt());
        return numbers;
    }
}
