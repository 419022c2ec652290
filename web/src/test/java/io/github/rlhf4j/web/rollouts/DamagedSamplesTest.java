package io.github.rlhf4j.web.rollouts;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.server.HttpFailure;
import io.github.rlhf4j.testing.damage.DamagedInputs;
import io.github.rlhf4j.testing.damage.Form;
import io.github.rlhf4j.web.Asked;
import io.github.rlhf4j.web.model.ModelShelf;
import io.github.rlhf4j.web.runs.RunFixture;
import io.github.rlhf4j.web.runs.RunFolders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The samples of a run that a stranger made: the page shows them, or says in one line what is wrong. */
class DamagedSamplesTest {
    private static final String SAMPLES = """
            {"step":1,"prompt":"p","response":"one","score":0.5,"scores":{"rm":-1},"ended":true,"tokens":3}
            {"step":1,"prompt":"p","response":"two \\"é\\"","score":null,"scores":{"rm":null},"ended":false,"tokens":2}
            {"step":2,"prompt":"q","response":"three","score":1e-3,"scores":{"rm":2},"ended":true,"tokens":1}
            """;

    @TempDir
    Path root;

    private static void ask(Asked routes, String path, String... more) {
        Map<String, String> query = new HashMap<>(Map.of("run", "a", "stage", "ppo"));
        for (int i = 0; i < more.length; i += 2) {
            query.put(more[i], more[i + 1]);
        }
        try {
            routes.get(path, query);
        } catch (UserError | HttpFailure e) {
            assertThat(e.getMessage()).doesNotContain("Exception");
        }
    }

    @Test
    void areShownOrRefused() throws IOException {
        RunFixture run = new RunFixture(root.resolve("a")).stage("ppo", "ppo");
        run.lines("ppo", "samples.jsonl", SAMPLES.strip().split("\n"));
        Path file = run.folder().resolve("ppo/samples.jsonl");
        try (Rlhf4j engine = Rlhf4j.builder().build();
                ModelShelf shelf = new ModelShelf(() -> engine)) {
            List<byte[]> all = new ArrayList<>(
                    DamagedInputs.of("samples", Form.JSON_LINES, SAMPLES.getBytes(StandardCharsets.UTF_8)));
            all.add(("{\"step\":1,\"a\":" + "[".repeat(100_000) + "\n").getBytes(StandardCharsets.UTF_8));
            for (byte[] damaged : all) {
                Files.write(file, damaged);
                Asked routes = new Asked(new RolloutsPage(new RunFolders(root), shelf));
                try {
                    ask(routes, "rollouts");
                    ask(routes, "rollouts", "sort", "score", "descending", "true");
                    ask(routes, "rollouts", "filter", "score >= 0.5", "text", "one");
                    ask(routes, "rollouts/group", "row", "1");
                    ask(routes, "rollouts/strip", "row", "1");
                    ask(routes, "rollouts/prompts");
                    ask(routes, "rollouts/signs");
                    ask(routes, "rollouts/plane", "x", "score", "y", "tokens");
                } catch (RuntimeException | StackOverflowError e) {
                    throw new AssertionError(new String(damaged, StandardCharsets.UTF_8), e);
                }
            }
        }
    }

    @Test
    void aColumnInEachRowTakesNoMemoryWithoutEnd() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            lines.append("{}\n".repeat(20)).append("{\"k").append(i).append("\":1}\n");
        }
        Path file = Files.writeString(root.resolve("samples.jsonl"), lines);
        SampleIndex index = new SampleIndex(file);
        index.refresh();
        assertThat(index.size()).isEqualTo(420_000);
        assertThat(index.names()).hasSizeLessThan(1_000).contains("k0"); // 10,000 of 800 KB each else
    }
}
