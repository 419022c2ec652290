package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code tinker} refuses before it opens a model; what it answers is tested in module tinker. */
class TinkerCommandTest {
    @TempDir
    Path folder;

    private String refusal(String... options) {
        return ServeCommandTest.refusal("tinker", folder, options);
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
