package io.github.rlhf4j.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.inject.AbstractModule;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.StageLoop;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.train.NextTokenLoss;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a stage of a plug-in's size, which also shows what a stage written with {@link StageLoop} is. */
class StageHarnessTest {
    @TempDir
    private Path folder;

    private StageHarness harness;

    /** Learns to count. */
    static final class Counting implements Stage<Counting.Config> {
        record Config(ModelReference model, TrainingConfig training) {}

        @Override
        public Class<Config> configType() {
            return Config.class;
        }

        @Override
        public void run(Config config, StageContext context) {
            Examples<List<TokenSequence>> rows =
                    Examples.of(20, i -> List.of(TokenSequence.all(new int[] {(int) i, (int) i + 1, (int) i + 2})));
            NextTokenLoss loss = new NextTokenLoss(1);
            try (Transformer model =
                    Transformer.load(config.model().directory(), Set.of(Head.LANGUAGE), context.kernels())) {
                StageLoop.of(context, config.training(), rows)
                        .show("loss", "loss")
                        .evaluate(Map.of("", rows), model, loss)
                        .afterStep(step -> context.sample(step, Map.of("count", step)))
                        .train("policy", model, loss);
                model.save(
                        context.directory().resolve("model"),
                        Optional.of(config.model().directory()));
            }
            context.warn("done");
        }
    }

    @BeforeEach
    void aHarness() {
        harness = new StageHarness(folder, new AbstractModule() {
            @Override
            protected void configure() {
                bind(Counting.class);
            }
        });
        harness.model("start", TinyModel.llama());
    }

    private Counting.Config config(long steps) {
        TrainingConfig training = TrainingConfig.builder()
                .learningRate(1e-2)
                .lrSchedulerType("constant")
                .maxSteps(steps)
                .batchSize(4)
                .loggingSteps(1)
                .saveSteps(4)
                .build();
        return new Counting.Config(harness.model("start"), training);
    }

    @Test
    void aStageTrainsLogsAndSaves() {
        StageOutput output = harness.run("counting", Counting.class, config(30));

        List<Double> loss = output.metric("loss");
        assertThat(loss).hasSize(30);
        assertThat(loss.get(29)).isLessThan(0.7 * loss.get(0));
        assertThat(output.metric("eval_loss").get(0)).isLessThan(0.7 * loss.get(0));
        assertThat(output.summary().at("/metrics/eval_loss").isNumber()).isTrue();
        assertThat(output.samples().get(29).path("count").asInt()).isEqualTo(30);
        assertThat(output.modelJson("config.json").path("model_type").asText()).isEqualTo("llama");
        assertThat(harness.said()).contains("warning: [counting] done");
        assertThat(harness.model("counting").directory()).isEqualTo(output.model());
    }

    @Test
    void aRunThatWasStoppedOrKilledGoesOnAsIfItHadNotBeen() {
        StageOutput whole = harness.run("whole", Counting.class, config(10));

        StageOutput stopped = harness.stopAfter(6, "stopped", Counting.class, config(10));
        assertThat(stopped.lines()).hasSize(6);
        assertThat(stopped.model()).doesNotExist();
        assertThat(harness.resume("stopped", Counting.class, config(10)).lines())
                .isEqualTo(whole.lines());
        assertThat(harness.said()).contains("[stopped] resumed from step 6");

        harness.killAfter(6, "killed", Counting.class, config(10));
        StageOutput resumed = harness.resume("killed", Counting.class, config(10));
        assertThat(harness.said()).contains("[killed] resumed from step 4");
        assertThat(resumed.lines()).isEqualTo(whole.lines());
        assertThat(resumed.weights()).isEqualTo(whole.weights());
    }
}
