package io.github.rlhf4j.grpo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.train.Stateful;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The responses that the steps up to the next generation learn from; part of a checkpoint between them, so that a resumed run learns from the same. */
final class GenerationBatch implements Stateful {
    private List<List<List<Completion>>> steps = List.of(); // by step, then by group

    /** Takes the place of what was there. */
    void replace(List<List<List<Completion>>> others) {
        steps = List.copyOf(others);
    }

    /** Forgets them, once the last step has learnt from them. */
    void clear() {
        steps = List.of();
    }

    /** Whether there is nothing to learn from. */
    boolean isEmpty() {
        return steps.isEmpty();
    }

    /** The groups of one of the steps, from 0. */
    List<List<Completion>> groups(int step) {
        return steps.get(step);
    }

    /** Tokens in the loss, in the mean over the steps. */
    double tokensPerStep() {
        long tokens = steps.stream()
                .flatMap(List::stream)
                .flatMap(List::stream)
                .mapToLong(Completion::lossTokens)
                .sum();
        return (double) Math.max(1, tokens) / steps.size();
    }

    @Override
    public void save(ObjectNode state) {
        ArrayNode byStep = state.putArray("steps");
        for (List<List<Completion>> groups : steps) {
            ArrayNode byGroup = byStep.addArray();
            for (List<Completion> group : groups) {
                ArrayNode list = byGroup.addArray();
                group.forEach(completion -> save(completion, list.addObject()));
            }
        }
    }

    private static void save(Completion completion, ObjectNode node) {
        ArrayNode prompt = node.putArray("prompt_ids");
        Arrays.stream(completion.promptIds()).forEach(prompt::add);
        ArrayNode ids = node.putArray("ids");
        Arrays.stream(completion.responseIds()).forEach(ids::add);
        save(completion.oldLogProbs(), node.putArray("old_log_probs"));
        save(completion.samplerLogProbs(), node.putArray("sampler_log_probs"));
        save(completion.refLogProbs(), node.putArray("ref_log_probs"));
        node.put("advantage", completion.advantage());
        node.put("masked", completion.masked());
    }

    private static void save(double[] numbers, ArrayNode array) {
        Arrays.stream(numbers).forEach(array::add);
    }

    @Override
    public void restore(ObjectNode state) {
        List<List<List<Completion>>> restored = new ArrayList<>();
        for (JsonNode groups : state.path("steps")) {
            List<List<Completion>> byGroup = new ArrayList<>();
            for (JsonNode group : groups) {
                List<Completion> list = new ArrayList<>();
                group.forEach(node -> list.add(completion(node)));
                byGroup.add(list);
            }
            restored.add(byGroup);
        }
        steps = restored;
    }

    private static Completion completion(JsonNode node) {
        return new Completion(
                ints(node.path("prompt_ids")),
                ints(node.path("ids")),
                doubles(node.path("old_log_probs")),
                doubles(node.path("sampler_log_probs")),
                doubles(node.path("ref_log_probs")),
                node.path("advantage").asDouble(),
                node.path("masked").asBoolean());
    }

    private static int[] ints(JsonNode array) {
        int[] numbers = new int[array.size()];
        Arrays.setAll(numbers, i -> array.get(i).asInt());
        return numbers;
    }

    private static double[] doubles(JsonNode array) {
        double[] numbers = new double[array.size()];
        Arrays.setAll(numbers, i -> array.get(i).asDouble());
        return numbers;
    }
}
