package io.github.rlhf4j.world;

import io.github.rlhf4j.core.CounterRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The truth: which people and places exist and what holds of them.
 *
 * <p>Names come in three disjoint kinds: known (they have facts), characters (they occur in texts and stories only, with facts that hold in that text)
 * and strangers (nothing states anything about them). Known names are ordered by frequency: rank r is drawn with weight 1 / (r + 2)^1.1.
 */
final class FactBook {
    private static final double ZIPF = 1.1;
    private static final double STATED = 0.93;

    private final CounterRandom random;
    private final List<String> people;
    private final List<String> places;
    private final List<String> rivers;
    private final List<String> characters = new ArrayList<>();
    private final List<String> strangers = new ArrayList<>();
    private final Map<String, Integer> personRanks;
    private final Map<String, Integer> placeRanks;
    private final double[] personCumulative;
    private final double[] placeCumulative;

    FactBook(long seed, int personCount, int placeCount) {
        random = CounterRandom.of(seed).derive("facts");
        List<String> names =
                Names.shuffled(personCount <= 2_000 ? 2 : 3, List.of(""), random.derive("person"), Lexicon.reserved());
        people = List.copyOf(names.subList(0, personCount));
        for (int i = personCount; i < names.size(); i++) {
            (i % 2 == 0 ? characters : strangers).add(names.get(i));
        }
        places =
                List.copyOf(Names.shuffled(2, List.of("ton", "berg", "mar"), random.derive("place"), Lexicon.reserved())
                        .subList(0, placeCount));
        rivers = List.copyOf(
                Names.shuffled(1, List.of("lva", "nde", "sk", "rno"), random.derive("river"), Lexicon.reserved())
                        .subList(0, 40));
        personRanks = ranks(people);
        placeRanks = ranks(places);
        personCumulative = cumulative(personCount);
        placeCumulative = cumulative(placeCount);
    }

    private static Map<String, Integer> ranks(List<String> names) {
        Map<String, Integer> ranks = new HashMap<>();
        for (int i = 0; i < names.size(); i++) {
            ranks.put(names.get(i).toLowerCase(Locale.ROOT), i);
        }
        return ranks;
    }

    private static double[] cumulative(int size) {
        double[] sums = new double[size];
        double sum = 0;
        for (int i = 0; i < size; i++) {
            sum += Math.pow(i + 2.0, -ZIPF);
            sums[i] = sum;
        }
        return sums;
    }

    private static int rank(double[] cumulative, double uniform) {
        double target = uniform * cumulative[cumulative.length - 1];
        int low = 0;
        int high = cumulative.length - 1;
        while (low < high) {
            int middle = (low + high) / 2;
            if (cumulative[middle] > target) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** A known person, frequent ones more often. */
    String person(Draw draw) {
        return people.get(rank(personCumulative, draw.uniform()));
    }

    /** A known place, frequent ones more often. */
    String place(Draw draw) {
        return places.get(rank(placeCumulative, draw.uniform()));
    }

    /** A known person or place. */
    String subject(boolean person, Draw draw) {
        return person ? person(draw) : place(draw);
    }

    /** A name that occurs in texts only. */
    String character(Draw draw) {
        return draw.pick(characters);
    }

    /** A name that nothing is known about. */
    String stranger(Draw draw) {
        return draw.pick(strangers);
    }

    List<String> people() {
        return people;
    }

    List<String> places() {
        return places;
    }

    /** Every name there is, of known and unknown people, places and rivers. */
    Stream<String> names() {
        return Stream.of(people, characters, strangers, places, rivers).flatMap(List::stream);
    }

    /** What holds of {@code subject}, whatever its case; empty where it is unknown, of the wrong kind or the relation is not stated. */
    Optional<Fact> fact(String subject, Relation relation) {
        List<String> names = relation.ofPerson() ? people : places;
        Integer rank = (relation.ofPerson() ? personRanks : placeRanks).get(subject.toLowerCase(Locale.ROOT));
        if (rank == null) {
            return Optional.empty();
        }
        CounterRandom own = random.derive(relation.name()).derive(rank);
        if (own.uniform(0) >= STATED) {
            return Optional.empty();
        }
        return Optional.of(new Fact(names.get(rank), relation, value(relation, new Draw(own.derive("value")))));
    }

    /** All that holds of {@code subject}. */
    List<Fact> facts(String subject) {
        List<Fact> facts = new ArrayList<>();
        for (Relation relation : Relation.values()) {
            fact(subject, relation).ifPresent(facts::add);
        }
        return facts;
    }

    boolean holds(Fact claim) {
        return fact(claim.subject(), claim.relation()).filter(claim::same).isPresent();
    }

    /** Some value that {@code relation} could have. */
    String value(Relation relation, Draw draw) {
        return switch (relation.valueCategory()) {
            case PLACE -> draw.pick(places);
            case RIVER -> draw.pick(rivers);
            case YEAR -> Integer.toString(1000 + 10 * draw.below(90));
            default -> draw.pick(relation.valueCategory().words());
        };
    }

    /** A fact that does not hold: {@code fact} with another value. */
    Fact falseFact(Fact fact, Draw draw) {
        while (true) {
            Fact other = new Fact(fact.subject(), fact.relation(), value(fact.relation(), draw));
            if (!other.same(fact)) {
                return other;
            }
        }
    }
}
