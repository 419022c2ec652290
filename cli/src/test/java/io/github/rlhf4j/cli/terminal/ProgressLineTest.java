package io.github.rlhf4j.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Terminal terminal = new Terminal(System.out, new PrintStream(err, true, StandardCharsets.UTF_8));
    private long nanos;

    @Test
    void showsNumbersRateAndTimeLeft() {
        ProgressLine line = line("sft", 600, "steps");
        line.advance(100, () -> "loss 1.49");

        assertThat(line.text(10)).isEqualTo("  sft  100/600 | loss 1.49 | 10 steps/s | 50 s left");
    }

    @Test
    void aResumedStageCountsWhatWasDoneBeforeButNotItsTime() {
        ProgressLine line = line("sft", 600, "steps");
        line.startAt(100);
        line.advance(50);

        assertThat(line.text(5)).isEqualTo("  sft  150/600 | 10 steps/s | 45 s left");
    }

    @Test
    void slowUnitsAreSecondsAUnit() {
        ProgressLine line = line("ppo", 10, "iterations");
        line.advance(2, () -> "score 0.9 kl 1.3 len 13");

        assertThat(line.text(50)).isEqualTo("  ppo  2/10 | score 0.9 kl 1.3 len 13 | 25 s/iteration | 3 min 20 s left");
    }

    @Test
    void withoutATerminalThereIsALineAReportAtMostOneASecond() {
        ProgressLine line = line("sft", 100, "steps");
        for (int step = 0; step < 40; step++) {
            nanos += 100_000_000L; // 0.1 s: 4 s in all
            line.advance(1, () -> "loss 2");
            line.report();
        }

        List<String> lines = err.toString(StandardCharsets.UTF_8).lines().toList();
        assertThat(lines).hasSize(4);
        assertThat(lines.get(0)).isEqualTo("  sft  10/100 | loss 2 | 10 steps/s | 9 s left");
    }

    @Test
    void withoutReportsThereIsALineAMinute() {
        ProgressLine line = line("reading", 0, "rows");
        for (int second = 0; second < 130; second++) {
            nanos += 1_000_000_000L;
            line.advance(10);
        }

        assertThat(err.toString(StandardCharsets.UTF_8).lines())
                .containsExactly("  reading  600 | 10 rows/s", "  reading  1200 | 10 rows/s");
    }

    private ProgressLine line(String what, long total, String unit) {
        return new ProgressLine(terminal, what, total, unit, () -> nanos);
    }
}
