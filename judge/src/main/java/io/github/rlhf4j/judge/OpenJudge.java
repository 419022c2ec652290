package io.github.rlhf4j.judge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * A judge as a stage uses it: each pair is shown in both orders where the config says so, and the verdicts are averaged. It holds what the judge needs, such as a model, until it is closed.
 *
 * <pre>{@code
 * try (OpenJudge judge = judges.open(config.judge(), context)) {
 *     double[] firstIsBetter = judge.compare(pairs);
 * }
 * }</pre>
 */
public final class OpenJudge implements Judge, AutoCloseable {
    private final Judge judge;
    private final boolean bothOrders;
    private final Runnable release;

    /** @param release ends what the judge holds */
    OpenJudge(Judge judge, boolean bothOrders, Runnable release) {
        this.judge = judge;
        this.bothOrders = bothOrders;
        this.release = release;
    }

    /** Any judge, such as a fake of a test. */
    public static OpenJudge of(Judge judge, boolean bothOrders) {
        return new OpenJudge(judge, bothOrders, () -> {});
    }

    /** What the judge says of each pair. */
    public List<Verdict> verdicts(List<Pair> pairs) {
        List<Pair> asked = new ArrayList<>(pairs);
        if (bothOrders) {
            pairs.forEach(pair -> asked.add(pair.swapped()));
        }
        double[] first = judge.compare(asked);
        if (first.length != asked.size()) {
            throw new IllegalStateException(asked.size() + " pairs, but " + first.length + " verdicts");
        }
        List<Verdict> verdicts = new ArrayList<>();
        for (int i = 0; i < pairs.size(); i++) {
            verdicts.add(new Verdict(first[i], bothOrders ? 1 - first[pairs.size() + i] : Double.NaN));
        }
        return verdicts;
    }

    /** The probability that the first response of each pair is the better one, over both orders; NaN where there was no verdict. */
    @Override
    public double[] compare(List<Pair> pairs) {
        return verdicts(pairs).stream().mapToDouble(Verdict::probability).toArray();
    }

    @Override
    public List<List<Integer>> rank(List<Question> questions) {
        if (judge instanceof PairwiseJudge) {
            PairwiseJudge averaged = this::compare;
            return averaged.rank(questions);
        }
        return bothOrders ? averaged(questions) : judge.rank(questions);
    }

    /** By the mean of the ranks of both orders. */
    private List<List<Integer>> averaged(List<Question> questions) {
        List<Question> asked = new ArrayList<>(questions);
        questions.forEach(question -> asked.add(new Question(question.prompt(), reversed(question.responses()))));
        List<List<Integer>> ranks = judge.rank(asked);
        List<List<Integer>> averaged = new ArrayList<>();
        for (int i = 0; i < questions.size(); i++) {
            List<Integer> one = ranks.get(i);
            List<Integer> other = reversed(ranks.get(questions.size() + i));
            double[] worth = new double[one.size()];
            Arrays.setAll(worth, response -> -(one.get(response) + other.get(response)));
            averaged.add(Preference.ranks(worth));
        }
        return averaged;
    }

    private static <T> List<T> reversed(List<T> list) {
        List<T> reversed = new ArrayList<>(list);
        Collections.reverse(reversed);
        return reversed;
    }

    @Override
    public void close() {
        release.run();
    }
}
