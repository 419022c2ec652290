package io.github.rlhf4j.core.stage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PacedHookTest {
    private static final long SECOND = 1_000_000_000L;

    private final List<String> warnings = new ArrayList<>();
    private long nanos;
    private int calls;

    @Test
    void isCalledEveryTenSeconds() {
        PacedHook hook = new PacedHook(() -> calls++, () -> nanos, warnings::add);
        for (nanos = 0; nanos <= 35 * SECOND; nanos += SECOND) {
            hook.offer();
        }
        assertThat(calls).isEqualTo(3);
    }

    @Test
    void takesNoMoreThanAFiftiethOfTheTime() {
        PacedHook hook = new PacedHook(
                () -> {
                    calls++;
                    nanos += 2 * SECOND;
                },
                () -> nanos,
                warnings::add);
        nanos = 10 * SECOND;
        hook.offer();
        nanos = 111 * SECOND; // 99 s after its end
        hook.offer();
        assertThat(calls).isEqualTo(1);
        nanos = 112 * SECOND;
        hook.offer();
        assertThat(calls).isEqualTo(2);
    }

    @Test
    void aFailureIsAWarningAndEndsIt() {
        PacedHook hook = new PacedHook(
                () -> {
                    calls++;
                    throw new IllegalStateException("no disk");
                },
                () -> nanos,
                warnings::add);
        nanos = 10 * SECOND;
        hook.offer();
        nanos = 30 * SECOND;
        hook.offer();
        assertThat(calls).isEqualTo(1);
        assertThat(warnings).hasSize(1).first().asString().contains("no disk");
    }
}
