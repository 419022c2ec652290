package io.github.rlhf4j.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class StopSignalsCodeTest {
    @Test
    void aStopThatAFileAskedForIsNoSuccess() {
        PrintStream out = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        StopSignals signals = new StopSignals(new Terminal(out, out), code -> {});

        assertThat(signals.isRequested()).isFalse();
        assertThat(signals.code()).isEqualTo(143);
    }
}
