package io.github.rlhf4j.ranking;

import io.github.rlhf4j.ranking.Estimate.Share;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToDoubleBiFunction;

/** Computes an {@link AgreementReport} of a project's answers. */
public final class Agreement {
    private final Map<String, RankItem> items = new LinkedHashMap<>();
    private final Map<String, Map<String, Answer>> rankings = new LinkedHashMap<>(); // by item, then by person
    private final Map<String, Map<String, Answer>> repeats = new LinkedHashMap<>();
    private final List<Answer> answers;
    private final List<String> people;

    private Agreement(List<RankItem> items, List<String> people, List<Answer> answers) {
        items.forEach(item -> this.items.put(item.id(), item));
        this.people = people;
        this.answers = answers;
        answers.stream().filter(answer -> answer.kind() == Answer.Kind.RANKED).forEach(answer -> {
            (answer.isRepeat() ? repeats : rankings)
                    .computeIfAbsent(answer.item(), id -> new TreeMap<>())
                    .put(answer.person(), answer);
        });
    }

    /** Of all that has been answered in a project so far. */
    public static AgreementReport of(RankingProject project) {
        return of(project.items(), project.people(), project.answers());
    }

    static AgreementReport of(List<RankItem> items, List<String> people, List<Answer> answers) {
        return new Agreement(items, people, answers).report();
    }

    private AgreementReport report() {
        long shared = rankings.values().stream()
                .filter(byPerson -> byPerson.size() > 1)
                .count();
        return new AgreementReport(
                rankings.size(),
                shared,
                alpha(),
                betweenPeople(Optional.empty(), false),
                betweenPeople(Optional.empty(), true),
                people.stream().map(this::person).toList(),
                sources(),
                preferred((answer, pair) ->
                        answer.order().indexOf(pair.first()) < answer.order().indexOf(pair.second()) ? 1 : -1),
                preferred((answer, pair) ->
                        Integer.compare(length(answer, pair.first()), length(answer, pair.second()))));
    }

    private int length(Answer answer, int index) {
        return item(answer).candidates().get(index).text().length();
    }

    private RankItem item(Answer answer) {
        return Optional.ofNullable(items.get(answer.item())).orElseThrow();
    }

    /** Units are the answers of all items, values their ranks, equal ranks at their mean: 1.5, 1.5, 3. */
    private Optional<Estimate> alpha() {
        List<List<double[]>> units = new ArrayList<>(); // of each item, of each answer, the ranks by people
        TreeSet<Double> values = new TreeSet<>();
        long count = 0;
        for (Map<String, Answer> byPerson : rankings.values()) {
            if (byPerson.size() < 2) {
                continue;
            }
            List<double[]> means = byPerson.values().stream()
                    .map(answer -> meanRanks(answer.ranks()))
                    .toList();
            List<double[]> ofItem = new ArrayList<>();
            for (int i = 0; i < means.get(0).length; i++) {
                int index = i;
                double[] unit =
                        means.stream().mapToDouble(ranks -> ranks[index]).toArray();
                Arrays.stream(unit).forEach(values::add);
                ofItem.add(unit);
                count += unit.length;
            }
            units.add(ofItem);
        }
        double[] all = values.stream().mapToDouble(value -> value).toArray();
        List<Coincidences> ofItems = units.stream()
                .map(ofItem -> {
                    Coincidences coincidences = new Coincidences(all);
                    ofItem.forEach(coincidences::add);
                    return coincidences;
                })
                .toList();
        return Estimate.of(ofItems, count, chosen -> {
            Coincidences sum = new Coincidences(all);
            chosen.forEach(sum::add);
            return chosen.isEmpty() ? OptionalDouble.empty() : sum.alpha(Coincidences.Level.ORDINAL);
        });
    }

    static double[] meanRanks(List<Integer> ranks) {
        return ranks.stream()
                .mapToDouble(rank -> {
                    long better = ranks.stream().filter(other -> other < rank).count();
                    long equal =
                            ranks.stream().filter(other -> other.equals(rank)).count();
                    return better + (equal + 1) / 2.0;
                })
                .toArray();
    }

    /** Pairs of people, of one with all others where one is named. */
    private Optional<Estimate> betweenPeople(Optional<String> named, boolean withTies) {
        List<Share> shares = new ArrayList<>();
        for (Map<String, Answer> byPerson : rankings.values()) {
            List<Answer> given = List.copyOf(byPerson.values());
            double hits = 0;
            double tries = 0;
            for (int p = 0; p < given.size(); p++) {
                for (int q = p + 1; q < given.size(); q++) {
                    String first = given.get(p).person();
                    String second = given.get(q).person();
                    if (named.isEmpty()
                            || named.get().equals(first)
                            || named.get().equals(second)) {
                        Share share = agreement(given.get(p), given.get(q), withTies);
                        hits += share.hits();
                        tries += share.tries();
                    }
                }
            }
            shares.add(new Share(hits, tries));
        }
        return Estimate.ratio(shares);
    }

    /** Of the pairs of answers of one item. */
    private static Share agreement(Answer one, Answer other, boolean withTies) {
        int hits = 0;
        int tries = 0;
        for (Pair pair : pairs(one)) {
            int first = one.preference(pair);
            int second = other.preference(pair);
            if (withTies || (first != 0 && second != 0)) {
                tries++;
                hits += first == second ? 1 : 0;
            }
        }
        return new Share(hits, tries);
    }

    /** Two answers of an item. */
    record Pair(int first, int second) {}

    private static List<Pair> pairs(Answer answer) {
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < answer.ranks().size(); i++) {
            for (int j = i + 1; j < answer.ranks().size(); j++) {
                pairs.add(new Pair(i, j));
            }
        }
        return pairs;
    }

    private AgreementReport.Person person(String name) {
        List<Answer> theirs =
                answers.stream().filter(answer -> answer.person().equals(name)).toList();
        List<Share> withSelf = new ArrayList<>();
        for (Map.Entry<String, Map<String, Answer>> item : repeats.entrySet()) {
            Optional<Answer> again = Optional.ofNullable(item.getValue().get(name));
            Optional<Answer> before = Optional.ofNullable(
                    rankings.getOrDefault(item.getKey(), Map.of()).get(name));
            if (again.isPresent() && before.isPresent()) {
                withSelf.add(agreement(before.get(), again.get(), false));
            }
        }
        List<Share> ties = new ArrayList<>();
        for (Map<String, Answer> byPerson : rankings.values()) {
            Optional.ofNullable(byPerson.get(name)).ifPresent(answer -> {
                List<Pair> pairs = pairs(answer);
                ties.add(new Share(
                        pairs.stream()
                                .filter(pair -> answer.preference(pair) == 0)
                                .count(),
                        pairs.size()));
            });
        }
        double[] seconds = theirs.stream()
                .mapToDouble(Answer::seconds)
                .filter(time -> time > 0)
                .sorted()
                .toArray();
        return new AgreementReport.Person(
                name,
                theirs.stream()
                        .filter(answer -> !answer.isRepeat() && answer.kind() != Answer.Kind.SKIPPED)
                        .count(),
                theirs.stream()
                        .filter(answer -> answer.kind() == Answer.Kind.SKIPPED)
                        .count(),
                withSelf.size(),
                betweenPeople(Optional.of(name), false),
                Estimate.ratio(withSelf),
                Estimate.ratio(ties),
                median(seconds));
    }

    private static double median(double[] sorted) {
        int middle = sorted.length / 2;
        return sorted.length == 0
                ? 0
                : sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private List<AgreementReport.Source> sources() {
        Map<String, List<Share>> shares = new TreeMap<>();
        for (Map<String, Answer> byPerson : rankings.values()) {
            Map<String, double[]> ofItem = new TreeMap<>(); // wins and pairs by source
            for (Answer answer : byPerson.values()) {
                List<Candidate> candidates = item(answer).candidates();
                for (Pair pair : pairs(answer)) {
                    String first = candidates.get(pair.first()).source();
                    String second = candidates.get(pair.second()).source();
                    if (!first.equals(second)) {
                        double won = (1 + answer.preference(pair)) / 2.0;
                        add(ofItem, first, won);
                        add(ofItem, second, 1 - won);
                    }
                }
            }
            ofItem.forEach((source, sums) ->
                    shares.computeIfAbsent(source, name -> new ArrayList<>()).add(new Share(sums[0], sums[1])));
        }
        List<AgreementReport.Source> sources = new ArrayList<>();
        shares.forEach((source, ofItems) ->
                Estimate.ratio(ofItems).ifPresent(wins -> sources.add(new AgreementReport.Source(source, wins))));
        return sources;
    }

    private static void add(Map<String, double[]> sums, String source, double won) {
        double[] sum = sums.computeIfAbsent(source, name -> new double[2]);
        sum[0] += won;
        sum[1]++;
    }

    /** How often the preferred answer of a pair is the one that {@code sign} points at: above 0 the first, below 0 the second, 0 neither. */
    private Optional<Estimate> preferred(ToDoubleBiFunction<Answer, Pair> sign) {
        List<Share> shares = new ArrayList<>();
        for (Map<String, Answer> byPerson : rankings.values()) {
            double hits = 0;
            double tries = 0;
            for (Answer answer : byPerson.values()) {
                for (Pair pair : pairs(answer)) {
                    double side = sign.applyAsDouble(answer, pair) * answer.preference(pair);
                    if (side != 0) {
                        tries++;
                        hits += side > 0 ? 1 : 0;
                    }
                }
            }
            shares.add(new Share(hits, tries));
        }
        return Estimate.ratio(shares);
    }
}
