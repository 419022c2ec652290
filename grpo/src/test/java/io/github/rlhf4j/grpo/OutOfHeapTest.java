package io.github.rlhf4j.grpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.inject.AbstractModule;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.rollout.RewardBinder;
import io.github.rlhf4j.rollout.RewardFunction;
import io.github.rlhf4j.testing.StageHarness;
import io.github.rlhf4j.testing.StageOutput;
import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Java's heap is full in the middle of a step: what was saved is whole, and the resumed run is the unbroken one. */
class OutOfHeapTest {
    private static final int MORE_THAN_THERE_IS = Integer.MAX_VALUE - 8; // longs: 16 GiB

    @TempDir
    private Path folder;

    private final AtomicBoolean isFull = new AtomicBoolean();

    private double score(RewardFunction.Answer answer) {
        if (isFull.get() && answer.prompt().contains("grass, is it blue")) {
            return new long[MORE_THAN_THERE_IS].length;
        }
        return answer.tokens();
    }

    @Test
    void theResumedRunIsTheUnbrokenOne() throws IOException {
        StageHarness harness = new StageHarness(folder, new GrpoModule(), new AbstractModule() {
            @Override
            protected void configure() {
                RewardBinder.rewardBinder(binder()).bind("greedy", RewardFunction.each(answer -> score(answer)));
            }
        });
        GrpoConfig config = GrpoConfig.builder(
                        harness.model("policy", TinyModel.llama()), harness.data(TinyData.PROMPTS))
                .rewardFunction("greedy")
                .numGenerations(2)
                .maxCompletionLength(6)
                .training(TrainingConfig.builder()
                        .batchSize(3)
                        .maxSteps(4)
                        .saveSteps(1)
                        .loggingSteps(1)
                        .shuffle(false)
                        .build())
                .build();
        StageOutput unbroken = harness.run("unbroken", GrpoStage.class, config);

        isFull.set(true);
        assertThatThrownBy(() -> harness.run("full", GrpoStage.class, config))
                .isInstanceOf(OutOfMemoryError.class)
                .hasMessageContaining("Java heap space");
        assertThat(folder.resolve("full/checkpoints/step-2")).exists();
        try (Stream<Path> files = Files.walk(folder.resolve("full"))) {
            List<Path> temporaries =
                    files.filter(file -> file.toString().contains(".tmp-")).toList();
            assertThat(temporaries).isEmpty();
        }

        isFull.set(false);
        StageOutput resumed = harness.resume("full", GrpoStage.class, config);
        assertThat(resumed.lines()).isEqualTo(unbroken.lines());
        assertThat(resumed.weights()).isEqualTo(unbroken.weights());
    }
}
