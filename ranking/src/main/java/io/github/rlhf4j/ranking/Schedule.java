package io.github.rlhf4j.ranking;

import io.github.rlhf4j.core.CounterRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What a person is shown next: a function of the seed, the person and the person's answers, so a server that was killed shows the same again.
 *
 * <p>Each person has an order of the items of their own. Of the items that a person has answered, every (1 / repeats)-th is shown a second time, after {@value #APART} others at the earliest.
 */
final class Schedule {
    private static final int APART = 4;

    private final CounterRandom random;
    private final double repeats;

    Schedule(long seed, double repeats) {
        this.random = CounterRandom.of(seed).derive("ranking");
        this.repeats = repeats;
    }

    /** An item, for the first time or again. */
    record Next(RankItem item, boolean isRepeat) {}

    /**
     * The next item.
     *
     * @param answers the person's, in their order, without what was taken back
     * @param isWanted whether more people are asked about an item
     */
    Optional<Next> next(String person, List<RankItem> items, List<Answer> answers, Predicate<RankItem> isWanted) {
        List<String> toRepeat = toRepeat(answers);
        if (!toRepeat.isEmpty() && since(toRepeat.get(0), answers) >= APART) {
            return again(toRepeat.get(0), items);
        }
        Set<String> seen = new HashSet<>();
        answers.forEach(answer -> seen.add(answer.item()));
        CounterRandom ofPerson = random.derive("items").derive(person);
        Optional<RankItem> fresh = items.stream()
                .filter(item -> !seen.contains(item.id()) && isWanted.test(item))
                .min(Comparator.comparingLong(item -> ofPerson.derive(item.id()).bits(0)));
        return fresh.isPresent()
                ? fresh.map(item -> new Next(item, false))
                : toRepeat.isEmpty() ? Optional.empty() : again(toRepeat.get(0), items);
    }

    private static Optional<Next> again(String id, List<RankItem> items) {
        return items.stream().filter(item -> item.id().equals(id)).findFirst().map(item -> new Next(item, true));
    }

    /** Items that shall come again and have not, the oldest first. */
    private List<String> toRepeat(List<Answer> answers) {
        List<String> due = new ArrayList<>();
        int counted = 0;
        for (Answer answer : answers) {
            if (answer.isRepeat()) {
                due.remove(answer.item());
            } else if (answer.kind() != Answer.Kind.SKIPPED) {
                counted++;
                if (Math.floor(counted * repeats + 1e-9) > Math.floor((counted - 1) * repeats + 1e-9)) {
                    due.add(answer.item());
                }
            }
        }
        return due;
    }

    private static int since(String item, List<Answer> answers) {
        for (int at = answers.size() - 1; at >= 0; at--) {
            if (answers.get(at).item().equals(item)) {
                return answers.size() - 1 - at;
            }
        }
        return answers.size();
    }

    /** Where the answers of an item are placed for a person: the index of the first, the second, ... */
    List<Integer> order(String person, RankItem item, boolean isRepeat) {
        CounterRandom draws =
                random.derive("places").derive(person).derive(item.id()).derive(isRepeat ? 1 : 0);
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < item.candidates().size(); i++) {
            order.add(draws.below(i, i + 1), i); // inserting at random places shuffles uniformly
        }
        return order;
    }
}
