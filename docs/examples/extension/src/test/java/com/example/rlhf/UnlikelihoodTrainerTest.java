package com.example.rlhf;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.datasets.training.DataConfig;
import io.github.rlhf4j.testing.StageHarness;
import io.github.rlhf4j.testing.StageOutput;
import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole stage, on a random model of some thousand weights. */
public class UnlikelihoodTrainerTest {
    @Test
    public void learnsWhatIsChosenAndResumesToTheSameBytes(@TempDir Path folder) {
        StageHarness harness = new StageHarness(folder, new ExampleModule());
        UnlikelihoodConfig config = new UnlikelihoodConfig(
                harness.model("start", TinyModel.llama()),
                DataConfig.builder(harness.data(TinyData.PAIRS)).build(),
                1,
                TrainingConfig.builder()
                        .learningRate(1e-2)
                        .batchSize(4)
                        .maxSteps(10)
                        .loggingSteps(1)
                        .saveSteps(4)
                        .build());

        StageOutput whole = harness.run("whole", UnlikelihoodTrainer.class, config);
        harness.killAfter(6, "killed", UnlikelihoodTrainer.class, config);
        StageOutput resumed = harness.resume("killed", UnlikelihoodTrainer.class, config);

        List<Double> loss = whole.metric("loss");
        assertThat(loss.get(9)).isLessThan(loss.get(0) - 0.2);
        assertThat(resumed.lines()).isEqualTo(whole.lines());
        assertThat(resumed.weights()).isEqualTo(whole.weights());
    }
}
