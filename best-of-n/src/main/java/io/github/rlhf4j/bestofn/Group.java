package io.github.rlhf4j.bestofn;

import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.PreferencePair;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.PromptCompletion;
import io.github.rlhf4j.datasets.Ranking;
import io.github.rlhf4j.datasets.RowTags;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import io.github.rlhf4j.rollout.Rollout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A prompt with its scored responses, and the row that is made of them.
 *
 * @param index of the prompt in the dataset
 * @param prompt as its row has it
 * @param responses scored
 */
record Group(long index, Prompt prompt, List<Rollout> responses) {
    /** The first of those that have most. */
    int best() {
        int best = 0;
        for (int i = 1; i < responses.size(); i++) {
            best = responses.get(i).score() > responses.get(best).score() ? i : best;
        }
        return best;
    }

    /** The first of those that have least. */
    int worst() {
        int worst = 0;
        for (int i = 1; i < responses.size(); i++) {
            worst = responses.get(i).score() < responses.get(worst).score() ? i : worst;
        }
        return worst;
    }

    double[] scores() {
        return responses.stream().mapToDouble(Rollout::score).toArray();
    }

    /**
     * The row; empty where the responses give none: the best one says nothing or has too little, or there is none that is worse.
     *
     * @param leastReward of the best response
     * @param tags further columns of it
     */
    Optional<DataRecord> row(Select select, double leastReward, Map<String, Object> tags) {
        Rollout best = responses.get(best());
        if (best.score() < leastReward || isBlank(best)) {
            return Optional.empty();
        }
        return switch (select) {
            case BEST ->
                Optional.of(new PromptCompletion(
                        prompt.prompt(), content(best), with(tags, Map.of("score", best.score()))));
            case BEST_AND_WORST -> pair(best, responses.get(worst()), tags);
            case ALL -> ranking(tags);
        };
    }

    private Optional<DataRecord> pair(Rollout best, Rollout worst, Map<String, Object> tags) {
        if (best.score() == worst.score() || isBlank(worst) || text(best).equals(text(worst))) {
            return Optional.empty();
        }
        Map<String, Object> scores = new LinkedHashMap<>();
        scores.put("score_chosen", best.score());
        scores.put("score_rejected", worst.score());
        return Optional.of(new PreferencePair(prompt.prompt(), content(best), content(worst), with(tags, scores)));
    }

    /** Of texts that occur several times the first one. */
    private Optional<DataRecord> ranking(Map<String, Object> tags) {
        Map<String, Rollout> byText = new LinkedHashMap<>();
        responses.stream()
                .filter(response -> !isBlank(response))
                .forEach(response -> byText.putIfAbsent(text(response), response));
        List<Double> scores = byText.values().stream().map(Rollout::score).toList();
        if (scores.stream().distinct().count() < 2) {
            return Optional.empty();
        }
        List<Integer> ranks = new ArrayList<>();
        scores.forEach(score -> ranks.add(
                1 + (int) scores.stream().filter(other -> other > score).count()));
        List<Content> contents = byText.values().stream().map(this::content).toList();
        return Optional.of(new Ranking(prompt.prompt(), contents, ranks, with(tags, Map.of("scores", scores))));
    }

    private static String text(Rollout response) {
        return response.answer().response();
    }

    private static boolean isBlank(Rollout response) {
        return text(response).isBlank();
    }

    private Content content(Rollout response) {
        return prompt.isConversational()
                ? Content.of(List.of(new ChatMessage("assistant", text(response))))
                : Content.of(text(response));
    }

    private RowTags with(Map<String, Object> tags, Map<String, Object> more) {
        Map<String, Object> all = new LinkedHashMap<>(tags);
        all.putAll(more);
        prompt.tags().columns().forEach(all::putIfAbsent);
        return new RowTags(prompt.tags().id(), prompt.tags().useCase(), all);
    }
}
