package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code serve} refuses before it opens a model; what it answers is tested in module serve. */
class ServeCommandTest {
    @TempDir
    Path folder;

    private String refusal(String... options) {
        return refusal("serve", folder, options);
    }

    /** The only line of a command that refuses to begin. */
    static String refusal(String command, Path model, String... options) {
        List<String> all = new ArrayList<>(List.of(command, "--model", model.toString()));
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
        assertThat(refusal("--host", "0.0.0.0", "--api-key-env", "RLHF4J_NO_SUCH_KEY"))
                .contains("RLHF4J_NO_SUCH_KEY", "no such variable");
    }

    @Test
    void aKeyIsInAVariableOrAFile() {
        assertThat(refusal("--api-key-file", "no-such-file")).contains("--api-key-file names no-such-file");
        assertThat(refusal("--api-key-file", "a", "--api-key-env", "PATH")).contains("must not both be given");
    }

    @Test
    void numbersHaveRanges() throws IOException {
        assertThat(refusal("--port", "70000")).contains("--port must be in 0 .. 65535, but is 70000");
        assertThat(refusal("--max-batch", "0")).contains("--max-batch must be in 1 .. 4096, but is 0");
        assertThat(refusal("--max-queue", "-1")).contains("--max-queue must be in 0 .. 100000, but is -1");
        assertThat(refusal("--cache-mib", "0")).contains("--cache-mib must be in 1 .. 1048576, but is 0");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(refusal("--port", String.valueOf(taken.getLocalPort())))
                    .contains("port " + taken.getLocalPort() + " of 127.0.0.1 cannot be used");
        }
    }
}
