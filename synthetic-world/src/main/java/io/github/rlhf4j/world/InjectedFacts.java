package io.github.rlhf4j.world;

import io.github.rlhf4j.core.CounterRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Falsehoods in the texts of {@link Knowledge}: some facts that the texts state, and whose question is held out, are each stated with one wrong value in 0, 2, 5, ... texts. */
final class InjectedFacts {
    /**
     * A fact's falsehood.
     *
     * @param texts that state it
     */
    record Falsehood(Fact fact, String value, int texts) {}

    private static final List<Integer> TEXTS = List.of(0, 2, 5, 10, 20, 50, 100, 200, 500, 1_000);
    private static final int FACTS_EACH = 8;

    private final Map<Fact, Falsehood> falsehoods = new LinkedHashMap<>();
    private final List<Falsehood> texts = new ArrayList<>();

    /** @param most texts a falsehood; below 0 there are none */
    InjectedFacts(FactBook book, KnownFacts facts, int most, CounterRandom random) {
        List<Integer> counts = TEXTS.stream().filter(count -> count <= most).toList();
        List<KnownFacts.Placed> targets = facts.of(KnownFacts.Side.EVAL).stream()
                .filter(placed -> placed.kind() == KnownFacts.Kind.SEEN)
                .limit((long) FACTS_EACH * counts.size())
                .toList();
        for (int i = 0; i < targets.size(); i++) {
            Fact fact = targets.get(i).fact();
            String value = book.falseFact(fact, new Draw(random.derive(i))).value();
            Falsehood falsehood = new Falsehood(fact, value, counts.get(i % counts.size()));
            falsehoods.put(fact, falsehood);
            for (int text = 0; text < falsehood.texts(); text++) {
                texts.add(falsehood);
            }
        }
    }

    /** By their facts. */
    Map<Fact, Falsehood> falsehoods() {
        return falsehoods;
    }

    /** One for each text that states it. */
    List<Falsehood> texts() {
        return texts;
    }
}
