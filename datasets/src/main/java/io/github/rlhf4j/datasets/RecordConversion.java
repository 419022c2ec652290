package io.github.rlhf4j.datasets;

import io.github.rlhf4j.datasets.chat.ChatMessage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a record can serve as besides itself. A pair is a ranking of two, or a good and a bad response (TRL's unpair_preference_dataset); a ranking gives all
 * its pairs of different rank, or its best responses as good and its worst as bad ones; the preferred response of a pair or a ranking, and a good response, is a demonstration; everything but a text has a prompt.
 */
final class RecordConversion {
    private static final Map<RecordKind, Set<RecordKind>> TARGETS = Map.of(
            RecordKind.TEXT, Set.of(),
            RecordKind.PROMPT, Set.of(),
            RecordKind.PROMPT_COMPLETION, Set.of(RecordKind.PROMPT),
            RecordKind.CONVERSATION, Set.of(RecordKind.PROMPT),
            RecordKind.PREFERENCE,
                    Set.of(
                            RecordKind.RANKING,
                            RecordKind.UNPAIRED_PREFERENCE,
                            RecordKind.PROMPT_COMPLETION,
                            RecordKind.PROMPT),
            RecordKind.UNPAIRED_PREFERENCE, Set.of(RecordKind.PROMPT_COMPLETION, RecordKind.PROMPT),
            RecordKind.STEPWISE_SUPERVISION, Set.of(RecordKind.PROMPT),
            RecordKind.RANKING,
                    Set.of(
                            RecordKind.PREFERENCE,
                            RecordKind.UNPAIRED_PREFERENCE,
                            RecordKind.PROMPT_COMPLETION,
                            RecordKind.PROMPT));

    private RecordConversion() {}

    static boolean isPossible(RecordKind from, RecordKind to) {
        return from == to || TARGETS.getOrDefault(from, Set.of()).contains(to);
    }

    /** The record as one of kind {@code to}; several for the pairs of a ranking, none for a bad response as a demonstration. */
    static List<DataRecord> convert(DataRecord from, RecordKind to) {
        if (from.kind() == to) {
            return List.of(from);
        }
        if (!isPossible(from.kind(), to)) {
            throw new IllegalArgumentException(from.kind() + " cannot serve as " + to);
        }
        return switch (to) {
            case PROMPT -> List.of(new Prompt(promptOf(from), from.tags()));
            case RANKING -> List.of(ranking((PreferencePair) from));
            case PROMPT_COMPLETION ->
                demonstration(from).map(List::<DataRecord>of).orElse(List.of());
            case UNPAIRED_PREFERENCE ->
                from instanceof Ranking ranked ? extremes(ranked) : unpaired((PreferencePair) from);
            default -> pairs((Ranking) from);
        };
    }

    private static Content promptOf(DataRecord from) {
        return switch (from.kind()) {
            case PROMPT_COMPLETION -> ((PromptCompletion) from).prompt();
            case PREFERENCE -> ((PreferencePair) from).prompt();
            case UNPAIRED_PREFERENCE -> ((UnpairedPreference) from).prompt();
            case STEPWISE_SUPERVISION -> ((StepwiseSupervision) from).prompt();
            case RANKING -> ((Ranking) from).prompt();
            default -> {
                List<ChatMessage> messages = ((Conversation) from).promptMessages();
                yield Content.of(messages);
            }
        };
    }

    private static Ranking ranking(PreferencePair pair) {
        return new Ranking(
                pair.prompt(), List.of(pair.chosen(), pair.rejected()), List.of(1, 2), pair.margin(), pair.tags());
    }

    private static List<DataRecord> unpaired(PreferencePair pair) {
        return List.of(
                new UnpairedPreference(pair.prompt(), pair.chosen(), true, pair.tags()),
                new UnpairedPreference(pair.prompt(), pair.rejected(), false, pair.tags()));
    }

    /** Those of the first rank are good, those of the last bad; what is between is neither. */
    private static List<DataRecord> extremes(Ranking ranking) {
        int best = Collections.min(ranking.ranks());
        int worst = Collections.max(ranking.ranks());
        List<DataRecord> unpaired = new ArrayList<>();
        for (int i = 0; i < ranking.ranks().size(); i++) {
            int rank = ranking.ranks().get(i);
            if (rank == best || rank == worst) {
                unpaired.add(new UnpairedPreference(
                        ranking.prompt(), ranking.responses().get(i), rank == best, ranking.tags()));
            }
        }
        return unpaired;
    }

    private static Optional<DataRecord> demonstration(DataRecord from) {
        if (from instanceof PreferencePair pair) {
            return Optional.of(new PromptCompletion(pair.prompt(), pair.chosen(), pair.tags()));
        }
        if (from instanceof UnpairedPreference unpaired) {
            return unpaired.label()
                    ? Optional.of(new PromptCompletion(unpaired.prompt(), unpaired.completion(), unpaired.tags()))
                    : Optional.empty();
        }
        Ranking ranking = (Ranking) from;
        int best = 0;
        for (int i = 1; i < ranking.ranks().size(); i++) {
            if (ranking.ranks().get(i) < ranking.ranks().get(best)) {
                best = i;
            }
        }
        return Optional.of(
                new PromptCompletion(ranking.prompt(), ranking.responses().get(best), ranking.tags()));
    }

    private static List<DataRecord> pairs(Ranking ranking) {
        List<DataRecord> pairs = new ArrayList<>();
        int count = ranking.responses().size();
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < count; j++) {
                Content better = ranking.responses().get(i);
                Content worse = ranking.responses().get(j);
                if (ranking.ranks().get(i) < ranking.ranks().get(j) && !better.equals(worse)) {
                    pairs.add(new PreferencePair(ranking.prompt(), better, worse, ranking.tags()));
                }
            }
        }
        return pairs;
    }
}
