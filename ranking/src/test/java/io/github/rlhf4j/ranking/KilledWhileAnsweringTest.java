package io.github.rlhf4j.ranking;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that answers as fast as it can is killed; what it had acknowledged is there. */
class KilledWhileAnsweringTest {
    private static final int ITEMS = 400;
    private static final int KILL_AFTER = 37;

    @TempDir
    Path folder;

    /** What runs in the other process: answers all, and prints the number of each when it is saved. */
    static final class Answering {
        private Answering() {}

        public static void main(String[] arguments) {
            try (RankingProject project = RankingProject.open(Path.of(arguments[0]), SomeProject.CLOCK)) {
                project.join("Ann");
                while (project.next("Ann").isPresent()) {
                    System.out.println(SomeProject.rankByNumber(project, "Ann").number());
                }
            }
        }
    }

    @Test
    void noAnswerThatWasAcknowledgedIsLost() throws IOException, InterruptedException {
        Path project = folder.resolve("rank");
        SomeProject.create(project, Mode.RANK, 0.1, ITEMS, 4).close();
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-XX:TieredStopAtLevel=1",
                        "-Xshare:auto",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Answering.class.getName(),
                        project.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        int acknowledged = 0;
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                acknowledged = Integer.parseInt(line) + 1;
                if (acknowledged == KILL_AFTER) {
                    process.toHandle().destroyForcibly(); // SIGKILL; what it had written before is still read
                }
            }
        }
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(acknowledged).isGreaterThanOrEqualTo(KILL_AFTER);
        try (RankingProject after = SomeProject.reopen(project)) {
            assertThat(after.answers("Ann")).hasSizeBetween(acknowledged, acknowledged + 1);
            assertThat(after.next("Ann")).isPresent();
            SomeProject.rankByNumber(after, "Ann");
        }
    }
}
