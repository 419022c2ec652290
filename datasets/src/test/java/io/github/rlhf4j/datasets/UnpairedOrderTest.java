package io.github.rlhf4j.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class UnpairedOrderTest {
    private final List<String> order = new ArrayList<>();
    private final UnpairedOrder unpaired = new UnpairedOrder(
            row -> order.add(((UnpairedPreference) row.of()).completion().key()));

    @Test
    void givesOfEveryThousandRowsTheGoodResponsesAndThenTheBadOnes() {
        for (int i = 0; i < 1_002; i++) {
            unpaired.addRow(
                    RecordConversion.convert(
                            new PreferencePair("p" + i, "good " + i, "bad " + i), RecordKind.UNPAIRED_PREFERENCE),
                    "",
                    0);
        }
        unpaired.finish();

        List<String> expected = new ArrayList<>();
        for (int from : new int[] {0, 1_000}) {
            int to = Math.min(from + 1_000, 1_002);
            IntStream.range(from, to).forEach(i -> expected.add("good " + i));
            IntStream.range(from, to).forEach(i -> expected.add("bad " + i));
        }
        assertThat(order)
                .isEqualTo(expected.stream().map(text -> Content.of(text).key()).toList());
    }

    @Test
    void leavesRowsThatWereUnpairedInTheirOrder() {
        for (int i = 0; i < 4; i++) {
            unpaired.addRow(
                    List.of(new UnpairedPreference(Content.of("p"), Content.of("r" + i), i % 2 == 1, RowTags.NONE)),
                    "",
                    0);
        }
        unpaired.finish();

        assertThat(order)
                .containsExactlyElementsOf(IntStream.range(0, 4)
                        .mapToObj(i -> Content.of("r" + i).key())
                        .toList());
    }

    @Test
    void takesTheBestAndTheWorstResponsesOfARanking() {
        List<Content> responses = List.of(Content.of("b"), Content.of("a"), Content.of("c"), Content.of("a2"));
        Ranking ranking = new Ranking(Content.of("p"), responses, List.of(2, 1, 3, 1), RowTags.NONE);

        assertThat(RecordConversion.convert(ranking, RecordKind.UNPAIRED_PREFERENCE))
                .containsExactly(
                        new UnpairedPreference(Content.of("p"), Content.of("a"), true, RowTags.NONE),
                        new UnpairedPreference(Content.of("p"), Content.of("c"), false, RowTags.NONE),
                        new UnpairedPreference(Content.of("p"), Content.of("a2"), true, RowTags.NONE));
    }
}
