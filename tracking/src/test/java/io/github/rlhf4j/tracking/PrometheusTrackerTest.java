package io.github.rlhf4j.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.GivenKeys;
import io.github.rlhf4j.core.stage.StageListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrometheusTrackerTest {
    @TempDir
    private Path folder;

    private final Watching console = new Watching();

    private Trackers trackers(StageFiles files, long port) {
        TrackerFactory factory = new PrometheusTracker.Factory();
        ConfigKey<?> key = factory.keys().get(0);
        return new Trackers(
                files.run(console),
                List.of(new Trackers.Chosen("prometheus", factory, GivenKeys.of(Map.of(key, port)))));
    }

    private static String get(int port, String path, String host) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void thePageHasTheLastValuesAndOnlyThisMachineReadsIt() throws IOException {
        StageFiles files = new StageFiles(folder, "sft");
        Trackers trackers = trackers(files, 0);
        StageListener stage = trackers.begin(files.stage);
        files.metrics(stage, 1);
        files.metrics(stage, 2, "rewards/margins");
        files.sample(stage, 2, "Yes.", 1);
        int port = Integer.parseInt(console.lines.get(0).replaceAll(".*:([0-9]+)/metrics", "$1"));

        assertThat(get(port, "/metrics", "127.0.0.1:" + port))
                .startsWith("HTTP/1.1 200")
                .contains("text/plain; version=0.0.4")
                .contains("# TYPE rlhf4j_loss gauge\nrlhf4j_loss{run=\"toy\",stage=\"sft\"} 0.5\n")
                .contains("rlhf4j_rewards_margins{run=\"toy\",stage=\"sft\"} 2.0\n")
                .contains("# TYPE rlhf4j_samples_total counter\nrlhf4j_samples_total{run=\"toy\",stage=\"sft\"} 1.0\n")
                .contains("rlhf4j_stage_running{run=\"toy\",stage=\"sft\"} 1.0\n");
        assertThat(get(port, "/metrics", "evil.example"))
                .startsWith("HTTP/1.1 403")
                .doesNotContain("loss");
        assertThat(get(port, "/", "localhost")).startsWith("HTTP/1.1 404");

        trackers.end(Tracker.Outcome.FINISHED);
        assertThatThrownBy(() -> get(port, "/metrics", "localhost")).isInstanceOf(IOException.class);
    }

    @Test
    void aPortThatIsTakenIsAMistakeAndTwoRunsOfAProcessShareOne() throws IOException {
        StageFiles files = new StageFiles(folder, "sft");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Trackers trackers = trackers(files, taken.getLocalPort());
            assertThatThrownBy(() -> trackers.begin(files.stage))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("report_to.prometheus.port " + taken.getLocalPort())
                    .hasMessageContaining("name another port");
        }
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        Trackers one = trackers(files, free);
        StageFiles others = new StageFiles(folder.resolve("other"), "dpo");
        Trackers other = trackers(others, free);
        files.metrics(one.begin(files.stage), 1);
        others.metrics(other.begin(others.stage), 2);
        one.end(Tracker.Outcome.FINISHED);

        assertThat(get(free, "/metrics", "localhost")).contains("stage=\"sft\"} 1.0", "stage=\"dpo\"} 0.5");
        other.end(Tracker.Outcome.FINISHED);
    }
}
