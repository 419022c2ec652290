package io.github.rlhf4j.core.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.train.StepMetrics;
import io.github.rlhf4j.core.train.StepResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StageDataTest {
    private static final LoopSettings LOOP =
            LoopSettings.of(10, 3, EvaluationConfig.AT_THE_END, CheckpointConfig.every(4));

    private final Kernels kernels = new CpuKernels(1);

    @TempDir
    private Path folder;

    @Test
    void aResumedStageMakesTheSameRowsAndLogsNoLossWhereNothingIsTrained() throws IOException {
        Path unbroken = Files.createDirectory(folder.resolve("unbroken"));
        Path broken = Files.createDirectory(folder.resolve("broken"));
        run(unbroken, false, Long.MAX_VALUE);

        assertThatThrownBy(() -> run(broken, false, 7)).hasMessage("killed");
        run(broken, true, Long.MAX_VALUE);

        assertThat(Files.readAllLines(broken.resolve("data/rows.jsonl")))
                .hasSize(10)
                .isEqualTo(Files.readAllLines(unbroken.resolve("data/rows.jsonl")));
        assertThat(Files.readAllLines(broken.resolve("metrics.jsonl")))
                .isEqualTo(Files.readAllLines(unbroken.resolve("metrics.jsonl")))
                .first()
                .isEqualTo("{\"step\":3,\"num_tokens\":0,\"epoch\":0.3,\"asked\":2.0}");
    }

    private void run(Path directory, boolean resume, long killAt) {
        try (StageRun run = StageRun.builder(directory, kernels)
                        .resume(resume)
                        .nanoTime(() -> 0)
                        .build();
                StageData rows = StageData.open(run, "rows")) {
            run.train(
                    LOOP,
                    step -> {
                        if (step == killAt) {
                            throw new IllegalStateException("killed");
                        }
                        rows.write(Map.of("row", step));
                        StepMetrics metrics = new StepMetrics();
                        metrics.set("asked", step);
                        return StepResult.untrained(0, metrics);
                    },
                    StageContext.Evaluation.NONE);
        }
    }
}
