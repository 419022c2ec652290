package io.github.rlhf4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.StoppedException;
import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs with trackers. */
class TrackedRunTest {
    @TempDir
    private Path folder;

    private final Rlhf4j rlhf4j = Rlhf4j.builder().threads(1).build();
    private Path model = Path.of("");

    @BeforeEach
    void writeModel() {
        model = TinyModel.llama().write(folder.resolve("start"));
    }

    @AfterEach
    void close() {
        rlhf4j.close();
    }

    private RunBuilder run(String name) {
        return rlhf4j.stage("sft")
                .model(model)
                .dataset(Path.of(TinyData.DEMONSTRATIONS.write(folder).path()))
                .set("eval_fraction", 0.2)
                .set("batch_size", 4)
                .set("max_steps", 4)
                .set("logging_steps", 1)
                .set("save_steps", 2)
                .output(folder.resolve(name));
    }

    private RunBuilder tracked(String name) {
        return run(name).lay("report_to", List.of("csv", "tensorboard", Map.of("prometheus", Map.of("port", 0))));
    }

    @Test
    void theRunsOwnFilesDoNotDependOnTrackers() throws IOException {
        Run plain = run("plain").run();
        Run tracked = tracked("tracked").run();

        for (String file : List.of("metrics.jsonl", "model/model.safetensors", "config.yaml", "messages.jsonl")) {
            assertThat(tracked.stage("sft").folder().resolve(file))
                    .as(file)
                    .hasSameBinaryContentAs(plain.stage("sft").folder().resolve(file));
        }
        assertThat(folder.resolve("plain/trackers")).doesNotExist();
        assertThat(folder.resolve("tracked/trackers/csv/sft.csv"))
                .content()
                .startsWith("step,loss,grad_norm,learning_rate,")
                .hasLineCount(6);
        assertThat(folder.resolve("tracked/trackers/tensorboard/sft")).isDirectoryContaining("glob:**tfevents*");
        tracked("tracked").overwrite().run(); // trackers/ is the run's own
    }

    @Test
    void aRunThatIsStoppedAndResumedLeavesTheFilesOfAnUnbrokenOne() throws IOException {
        tracked("whole").run();
        AtomicLong steps = new AtomicLong();
        assertThatThrownBy(() -> tracked("broken")
                        .listen(new RunListener() {
                            @Override
                            public void onMetrics(String stage, long step, Map<String, Double> metrics) {
                                steps.set(step);
                            }
                        })
                        .stopOn(() -> steps.get() >= 3)
                        .run())
                .isInstanceOf(StoppedException.class);
        tracked("broken").resume().run();

        assertThat(folder.resolve("broken/trackers/csv/sft.csv"))
                .hasSameTextualContentAs(folder.resolve("whole/trackers/csv/sft.csv"));
        assertThat(Files.size(folder.resolve("broken/trackers/tensorboard/sft/events.out.tfevents.rlhf4j")))
                .isEqualTo(Files.size(folder.resolve("whole/trackers/tensorboard/sft/events.out.tfevents.rlhf4j")));
    }

    @Test
    void mistakesAreNamedWithAllOthersBeforeTheRun() {
        RunBuilder run = run("bad")
                .set("max_steps", -1)
                .lay("report_to", List.of("csv", "tensorbord", Map.of("mlflow", Map.of("urll", "http://h:1"))));

        assertThatThrownBy(run::plan)
                .isInstanceOf(UserError.class)
                .hasMessageContaining("sft.max_steps must be")
                .hasMessageContaining("report_to must be one of csv, mlflow, prometheus, tensorboard, none")
                .hasMessageContaining("did you mean tensorboard?")
                .hasMessageContaining("report_to.mlflow.url is missing")
                .hasMessageContaining("report_to.mlflow.urll is not a known key; did you mean url?");
        assertThatThrownBy(() -> run("bad")
                        .lay("report_to", Map.of("mlflow", Map.of("url", "localhost:5000")))
                        .plan())
                .hasMessageContaining("report_to.mlflow.url must be a URL");
        assertThatThrownBy(() -> run("bad")
                        .lay("report_to", Map.of("prometheus", Map.of("port", 70_000)))
                        .plan())
                .hasMessageContaining("report_to.prometheus.port must be in [0, 65535]");
        run("good").lay("report_to", "none").plan();
        run("good").lay("report_to", null).plan();
    }
}
