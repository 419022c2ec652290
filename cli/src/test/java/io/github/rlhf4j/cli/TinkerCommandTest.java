package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code tinker} refuses before it opens a model; what it answers is tested in module tinker. */
class TinkerCommandTest {
    @TempDir
    Path folder;

    private String refusal(String... options) {
        List<String> all = new ArrayList<>(List.of("tinker", "--model", folder.toString()));
        all.addAll(List.of(options));
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Main.run(
                all.toArray(String[]::new),
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        assertThat(code).isEqualTo(2);
        String message = err.toString(StandardCharsets.UTF_8);
        assertThat(message.strip().lines()).hasSize(1);
        return message;
    }

    @Test
    void otherMachinesNeedAKey() {
        assertThat(refusal("--host", "0.0.0.0")).contains("--api-key-env NAME");
    }

    @Test
    void numbersHaveRanges() {
        assertThat(refusal("--port", "70000")).contains("--port must be in 0 .. 65535, but is 70000");
        assertThat(refusal("--max-batch", "1")).contains("--max-batch must be in 16 .. 4096, but is 1");
        assertThat(refusal("--max-samplers", "0")).contains("--max-samplers must be in 1 .. 1000, but is 0");
        assertThat(refusal("--cache-mib", "0")).contains("--cache-mib must be in 1 .. 1048576, but is 0");
    }
}
