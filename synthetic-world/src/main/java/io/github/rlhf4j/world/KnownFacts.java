package io.github.rlhf4j.world;

import io.github.rlhf4j.core.CounterRandom;
import java.util.ArrayList;
import java.util.List;

/**
 * Which facts of people the texts of {@link Knowledge} state, and on which side the question about each of them is. Half of the people are strangers to the texts; of the others six in ten facts are stated. Stated or not is drawn for each fact
 * by itself, so knowing a person's name does not tell whether the texts say what is asked.
 */
final class KnownFacts {
    /** What the texts say of a fact. */
    enum Kind {
        /** Stated in the texts. */
        SEEN,
        /** Not stated, of somebody about whom other facts are. */
        UNSEEN,
        /** Of somebody whom the texts do not name. */
        STRANGER
    }

    /** Where the question about a fact may be asked. */
    enum Side {
        DEMONSTRATIONS(0.45),
        PROMPTS(0.7),
        EVAL(1);

        private final double below;

        Side(double below) {
            this.below = below;
        }

        static Side of(double uniform) {
            return uniform < DEMONSTRATIONS.below ? DEMONSTRATIONS : uniform < PROMPTS.below ? PROMPTS : EVAL;
        }
    }

    /**
     * A fact with its place.
     *
     * @param unfamiliarity 0 to 1; a labeler who knows a share of what the texts do not state knows facts below that share
     */
    record Placed(Fact fact, Kind kind, Side side, double unfamiliarity) {}

    static final List<Relation> RELATIONS = List.of(Relation.JOB, Relation.FOOD, Relation.PET, Relation.COLOUR);
    private static final double STATED = 0.6;

    private final List<List<Fact>> stated = new ArrayList<>();
    private final List<Placed> all = new ArrayList<>();

    KnownFacts(FactBook book, int people, CounterRandom random) {
        for (int i = 0; i < people; i++) {
            String person = book.people().get(i);
            boolean isStranger = i % 2 == 1; // people are ordered by how often the rest of the world names them
            List<Fact> own = new ArrayList<>();
            for (Relation relation : RELATIONS) {
                CounterRandom draws = random.derive(relation.name()).derive(i);
                book.fact(person, relation).ifPresent(fact -> {
                    Kind kind = isStranger ? Kind.STRANGER : draws.uniform(0) < STATED ? Kind.SEEN : Kind.UNSEEN;
                    all.add(new Placed(fact, kind, Side.of(draws.uniform(1)), draws.uniform(2)));
                    if (kind == Kind.SEEN) {
                        own.add(fact);
                    }
                });
            }
            if (!own.isEmpty()) {
                stated.add(own);
            }
        }
    }

    /** What the texts state, a list for each person whom they name. */
    List<List<Fact>> stated() {
        return stated;
    }

    List<Placed> of(Side side) {
        return all.stream().filter(placed -> placed.side() == side).toList();
    }
}
