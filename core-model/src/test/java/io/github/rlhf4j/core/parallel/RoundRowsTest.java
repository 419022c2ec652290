package io.github.rlhf4j.core.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows of a round on their way to replicas. */
class RoundRowsTest {
    private static final List<List<String>> STEPS =
            List.of(List.of("a", "b", "c", "d"), List.of("e"), List.of("f", "g", "h"));

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void aPlace() {
        file = folder.resolve("round-1/rows");
    }

    /** Writes rows that are texts. */
    private record Texts() implements TravellingObjective<String> {
        @Override
        public String name() {
            return "texts";
        }

        @Override
        public Objective<String> objective() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void write(List<String> rows, WireWriter out) {
            out.putList(rows, WireWriter::putText);
        }
    }

    private List<RoundRows> written(List<List<String>> steps) {
        List<Long> asked = new ArrayList<>();
        List<RoundRows> rows = RoundRows.write(
                file,
                2,
                steps.size(),
                step -> {
                    asked.add(step);
                    return steps.get(Math.toIntExact(step));
                },
                new Texts());
        assertThat(asked).containsExactly(0L, 1L, 2L); // a batch may take a forward pass
        return rows;
    }

    private static List<List<String>> read(RoundRows rows) {
        List<List<String>> steps = new ArrayList<>();
        try (RoundRows.Steps open = rows.open()) {
            for (int step = 0; step < STEPS.size(); step++) {
                steps.add(new WireReader(open.next()).getList(WireReader::getText));
            }
        }
        return steps;
    }

    @Test
    void eachReplicaFindsItsOwnStepAfterStep() {
        List<RoundRows> rows = written(STEPS);

        assertThat(read(rows.get(0))).containsExactly(List.of("a", "b"), List.of(), List.of("f"));
        assertThat(read(rows.get(1))).containsExactly(List.of("c", "d"), List.of("e"), List.of("g", "h"));
    }

    @Test
    void theSameRowsHaveTheSameDigestAndOtherRowsAnother() {
        List<RoundRows> rows = written(STEPS);
        assertThat(written(STEPS)).isEqualTo(rows);

        List<RoundRows> others = written(List.of(STEPS.get(0), STEPS.get(1), List.of("f", "g", "i")));
        assertThat(others.get(0)).isEqualTo(rows.get(0));
        assertThat(others.get(1)).isNotEqualTo(rows.get(1));
        assertThat(rows.get(1).isWhole()).isFalse();
    }

    @Test
    void aFileThatIsDamagedCutOrGoneIsALine() throws IOException {
        RoundRows rows = written(STEPS).get(1);
        byte[] whole = Files.readAllBytes(file);
        for (int end : new int[] {0, 3, 40, whole.length - 1}) {
            Files.write(file, Arrays.copyOf(whole, end));
            refused(rows);
        }
        whole[whole.length - 1] ^= 1;
        Files.write(file, whole);
        refused(rows);
        Files.delete(file);
        refused(rows);
    }

    private void refused(RoundRows rows) {
        assertThatThrownBy(rows::open)
                .isInstanceOf(UserError.class)
                .hasMessage(file + " is not there, or is not what was written to it; workers must see this folder under"
                        + " the same name; continue with --resume when they do");
    }
}
