package io.github.rlhf4j.core.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.stage.NumbersConfig.OnNonfinite;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.train.StepMetrics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Rows that are numbers; the loss of some is their number, or none where one of them is wrong. */
class LeftOutRowsTest {
    private final List<String> said = new ArrayList<>();
    private final Map<String, Double> metrics = new LinkedHashMap<>();
    private int calls;
    private long evaluated;

    private LeftOutRows of(int size, OnNonfinite decision) {
        return of(rows(size), decision);
    }

    private LeftOutRows of(Examples<Integer> rows, OnNonfinite decision) {
        return new LeftOutRows(TrainingConfig.builder().onNonfinite(decision).build(), rows, said::add);
    }

    private static Examples<Integer> rows(int size) {
        return Examples.of(
                size,
                index -> (int) index,
                indices -> Arrays.stream(indices)
                        .mapToObj(index -> Map.<String, Object>of("file", "rows.jsonl", "line", index + 1))
                        .toList());
    }

    private static List<Integer> list(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }

    private Function<List<Integer>, BatchScorer.Evaluation> wrong(Set<Integer> wrong) {
        return some -> {
            calls++;
            evaluated += some.size();
            double loss = some.stream().anyMatch(wrong::contains) ? Double.NaN : some.size();
            return new BatchScorer.Evaluation(loss, 0, new StepMetrics());
        };
    }

    @Test
    void areThoseThatAloneHaveNoFiniteLoss() {
        for (int bits = 0; bits < 1 << 7; bits++) {
            int chosen = bits;
            Set<Integer> wrong = Set.copyOf(
                    list(0, 7).stream().filter(i -> (chosen >> i & 1) == 1).toList());
            LeftOutRows leftOut = of(7, OnNonfinite.SKIP);
            double loss = leftOut.evaluate(list(0, 7), 0, wrong(wrong)).loss();
            said.clear();
            leftOut.report(metrics);

            assertThat(leftOut.kept()).isEqualTo(7 - wrong.size());
            assertThat(Double.valueOf(loss))
                    .isEqualTo(Double.valueOf(wrong.size() == 7 ? Double.NaN : 7 - wrong.size()));
            assertThat(said).hasSize(wrong.isEmpty() ? 0 : 1);
            if (!wrong.isEmpty()) {
                int first = wrong.stream().mapToInt(i -> i + 1).min().orElseThrow();
                assertThat(said.get(0)).contains(wrong.size() + " of 7 held-out rows", "; from rows.jsonl:" + first);
                assertThat(metrics).containsEntry("nonfinite_rows", (double) wrong.size());
            }
        }
    }

    @Test
    void oneAmongManyIsFoundByHalves() {
        of(1024, OnNonfinite.SKIP).evaluate(list(0, 1024), 0, wrong(Set.of(700)));

        assertThat(calls).isEqualTo(1 + 2 * 10 + 1); // all, ten times two halves, those that are left
        assertThat(evaluated).isLessThan(4 * 1024);
    }

    @Test
    void howManyThereAreLimitsWhatIsComputed() {
        LeftOutRows leftOut = of(1024, OnNonfinite.SKIP);
        double loss = leftOut.evaluate(list(0, 1024), 0, wrong(Set.copyOf(list(0, 1024))))
                .loss();

        assertThat(leftOut.kept()).isZero();
        assertThat(loss).isNaN();
        assertThat(evaluated).isLessThan(8 * 1024); // by halves alone it would be 12 * 1024
    }

    @Test
    void noneIsLeftOutWhereEachAloneHasAFiniteLoss() {
        LeftOutRows leftOut = of(5, OnNonfinite.SKIP);
        double loss = leftOut.evaluate(list(0, 5), 0, some -> {
                    double sum = some.size() > 1 ? Double.POSITIVE_INFINITY : 1;
                    return new BatchScorer.Evaluation(sum, 0, new StepMetrics());
                })
                .loss();
        leftOut.report(metrics);

        assertThat(loss).isInfinite();
        assertThat(leftOut.kept()).isEqualTo(5);
        assertThat(metrics).isEmpty();
        assertThat(said).isEmpty();
    }

    @Test
    void rowsOfALaterBatchHaveTheirOwnLines() {
        LeftOutRows leftOut = of(8, OnNonfinite.SKIP);
        leftOut.evaluate(list(0, 4), 0, wrong(Set.of(1, 6)));
        leftOut.evaluate(list(4, 8), 4, wrong(Set.of(1, 6)));
        leftOut.report(metrics);

        assertThat(said)
                .containsExactly("2 of 8 held-out rows have no finite loss, so the evaluation is without them;"
                        + " from rows.jsonl:2, rows.jsonl:7");
    }

    @Test
    void packsAreNamedByTheRowThatTheyBeginAt() {
        LeftOutRows leftOut = of(rows(4).asPacks().map(row -> row), OnNonfinite.SKIP);
        leftOut.evaluate(list(0, 4), 0, wrong(Set.of(2)));
        leftOut.report(metrics);

        assertThat(said)
                .containsExactly("1 of 4 held-out packs have no finite loss, so the evaluation is without them;"
                        + " in the pack that begins at rows.jsonl:3");
    }

    @Test
    void whereTheyMayNotBeLeftOutNothingIsLookedFor() {
        LeftOutRows leftOut = of(4, OnNonfinite.STOP);

        assertThat(leftOut.evaluate(list(0, 4), 0, wrong(Set.of(2))).loss()).isNaN();
        assertThat(calls).isEqualTo(1);
        assertThat(leftOut.kept()).isEqualTo(4);
    }
}
