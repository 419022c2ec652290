package io.github.rlhf4j.sft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.cluster.InProcessCluster;
import io.github.rlhf4j.core.stage.ReplicasConfig;
import io.github.rlhf4j.testing.IsolatedCluster;
import io.github.rlhf4j.testing.StageOutput;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fine-tuning with batches in shards, as whole stages. */
class ShardsTest {
    private TinySft tiny;

    @BeforeEach
    void aModel(@TempDir Path folder) {
        tiny = new TinySft(folder);
    }

    /** Four steps of eight rows, the last batch of an epoch of 20 with four. */
    private SftConfig config(int shards, UnaryOperator<SftConfigBuilder> keys) {
        return tiny.config(
                "start",
                usual -> keys.apply(usual.dropout(0.1)
                        .neftuneNoiseAlpha(5)
                        .parts(ReplicasConfig.shards(shards))
                        .data(data -> data.evalFraction(0.2))
                        .training(training -> training.maxSteps(4))));
    }

    private StageOutput run(String name, SftConfig config) {
        return tiny.harness.run(name, SftTrainer.class, config);
    }

    @Test
    void oneShardIsPlainTrainingToTheBitAndMoreAreToRounding() {
        StageOutput plain = run(
                "plain",
                tiny.config(
                        "start", keys -> keys.dropout(0.1).neftuneNoiseAlpha(5).data(data -> data.evalFraction(0.2))));
        assertThat(run("one", config(1, keys -> keys)).weights()).isEqualTo(plain.weights());
        for (int shards : List.of(2, 3, 8)) {
            StageOutput output = run("shards-" + shards, config(shards, keys -> keys));
            assertThat(output.metric("num_tokens")).isEqualTo(plain.metric("num_tokens"));
            for (String metric : List.of("loss", "grad_norm", "entropy", "bits_per_byte", "eval_loss")) {
                List<Double> expected = plain.metric(metric);
                for (int i = 0; i < expected.size(); i++) {
                    assertThat(output.metric(metric).get(i))
                            .as(metric + " of " + shards)
                            .isCloseTo(expected.get(i), within(1e-6 * Math.max(1, expected.get(i))));
                }
            }
        }
    }

    @Test
    void howManyWorkersComputeThemChangesNoByte() {
        SftConfig config = config(5, keys -> keys);
        StageOutput here = run("here", config);
        for (int workers : List.of(2, 3, 8)) {
            tiny.harness.computeOn(kernels -> new IsolatedCluster(kernels, workers));
            StageOutput elsewhere = run("workers-" + workers, config);

            assertThat(elsewhere.weights()).isEqualTo(here.weights());
            assertThat(elsewhere.lines()).isEqualTo(here.lines());
            assertThat(tiny.harness.folder().resolve("workers-" + workers + "/checkpoints"))
                    .doesNotExist();
        }
        tiny.harness.computeOn(InProcessCluster::new);
    }

    @Test
    void aKilledRunThatIsResumedIsTheRunThatWasNot() {
        SftConfig config = config(3, keys -> keys.training(training -> training.saveSteps(1)));
        StageOutput unbroken = run("unbroken", config);
        tiny.harness.killAfter(2, "killed", SftTrainer.class, config);
        StageOutput killed = tiny.harness.resume("killed", SftTrainer.class, config);

        assertThat(killed.weights()).isEqualTo(unbroken.weights());
        assertThat(killed.lines()).isEqualTo(unbroken.lines());
    }
}
