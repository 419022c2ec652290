package io.github.rlhf4j.cli;

import io.github.rlhf4j.RewardModel;
import io.github.rlhf4j.core.generation.Generated;
import io.github.rlhf4j.core.generation.GeneratedText;
import io.github.rlhf4j.core.generation.SelfConsistency;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/** Chooses among the samples of a prompt. Owns the reward model. */
final class Selector implements AutoCloseable {
    private final Optional<String> bestBy;
    private final Optional<RewardModel> rewardModel;
    private final Optional<SelfConsistency.Extractor> answers;
    private final boolean majority;
    private final int wanted;

    /**
     * A sample that is given.
     *
     * @param score what it was chosen by, if it was
     * @param answer its own, where answers were asked for and it has one
     * @param consistency of all samples of its prompt, where answers were asked for
     */
    record Chosen(
            GeneratedText sample,
            OptionalDouble score,
            Optional<String> answer,
            Optional<SelfConsistency> consistency) {}

    Selector(
            Optional<String> bestBy,
            Optional<RewardModel> rewardModel,
            Optional<SelfConsistency.Extractor> answers,
            boolean majority,
            int wanted) {
        this.bestBy = bestBy;
        this.rewardModel = rewardModel;
        this.answers = answers;
        this.majority = majority;
        this.wanted = wanted;
    }

    List<Chosen> choose(Prompt prompt, List<GeneratedText> samples) {
        Optional<SelfConsistency> consistency = answers.map(extractor ->
                SelfConsistency.of(samples.stream().map(GeneratedText::text).toList(), extractor));
        double[] scores = bestBy.isPresent() ? scores(prompt, samples, bestBy.get()) : new double[0];
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, samples.size()).boxed().toList());
        if (bestBy.isPresent()) {
            order.sort(Comparator.comparingDouble((Integer i) -> scores[i]).reversed()); // equal ones as they came
        } else if (majority) {
            order = List.of(consistency.orElseThrow().index());
        }
        List<Chosen> chosen = new ArrayList<>();
        for (int i : order.subList(0, Math.min(wanted, order.size()))) {
            chosen.add(new Chosen(
                    samples.get(i),
                    bestBy.isPresent() ? OptionalDouble.of(scores[i]) : OptionalDouble.empty(),
                    consistency.flatMap(all -> all.answers().get(i)),
                    consistency));
        }
        return chosen;
    }

    private double[] scores(Prompt prompt, List<GeneratedText> samples, String by) {
        if (by.equals("reward")) {
            return rewards(prompt, samples);
        }
        return samples.stream()
                .map(GeneratedText::tokens)
                .mapToDouble(tokens -> sum(tokens) / (by.equals("mean") ? tokens.ids().length : 1))
                .toArray();
    }

    private static double sum(Generated tokens) {
        return Arrays.stream(tokens.logProbs()).sum();
    }

    private double[] rewards(Prompt prompt, List<GeneratedText> samples) {
        RewardModel model = rewardModel.orElseThrow();
        if (prompt.prompt() instanceof Content.Messages messages) {
            return samples.stream()
                    .mapToDouble(sample -> {
                        List<ChatMessage> conversation = new ArrayList<>(messages.messages());
                        conversation.add(new ChatMessage("assistant", sample.text()));
                        return model.score(conversation);
                    })
                    .toArray();
        }
        String text = ((Content.Text) prompt.prompt()).text();
        return model.scores(text, samples.stream().map(GeneratedText::text).toList());
    }

    /** A line about the samples' agreement, where it is wanted. */
    static Optional<String> summary(List<Chosen> chosen) {
        return chosen.stream()
                .findFirst()
                .flatMap(Chosen::consistency)
                .map(all -> "%d samples: %.0f %% agree%s, %d distinct answers, entropy %.2f nats"
                        .formatted(
                                all.answers().size(),
                                100 * all.agreement(),
                                all.majority()
                                        .map(answer -> " on \"" + answer + "\"")
                                        .orElse(""),
                                all.distinct(),
                                all.entropy()));
    }

    @Override
    public void close() {
        rewardModel.ifPresent(RewardModel::close);
    }
}
