package io.github.rlhf4j.sft;

import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.testing.StageHarness;
import io.github.rlhf4j.testing.StageOutput;
import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Stages pretrain and sft of four steps of eight rows; a test says what it varies. */
final class TinySft {
    final StageHarness harness;

    /** With a random model, {@code start}. */
    TinySft(Path folder) {
        harness = new StageHarness(folder, new SftModule());
        harness.model("start", TinyModel.llama());
    }

    private static TrainingConfig training(long steps) {
        return TrainingConfig.builder()
                .learningRate(1e-2)
                .lrSchedulerType("constant")
                .maxSteps(steps)
                .loggingSteps(1)
                .build();
    }

    /** A model of its own, with a context of 64 tokens. */
    StageOutput pretrain(String name, long steps) {
        ArchitectureConfig sizes = new ArchitectureConfig(
                16, 32, 2, 2, Optional.of(1), Optional.empty(), 64, Optional.empty(), Optional.empty());
        TokenizerConfig tokenizer = new TokenizerConfig(Optional.empty(), Optional.of(270));
        PretrainConfig config = PretrainConfig.fromNothing(sizes, tokenizer, harness.data(TinyData.TEXTS))
                .training(keys -> training(steps).toBuilder().batchSize(4))
                .build();
        return harness.run(name, Pretrainer.class, config);
    }

    /** A new model of those sizes, trained for eight steps with checkpoints. */
    PretrainConfig pretraining(ArchitectureConfig sizes, UnaryOperator<PretrainConfigBuilder> keys) {
        PretrainConfigBuilder usual = PretrainConfig.fromNothing(
                        sizes, new TokenizerConfig(Optional.empty(), Optional.of(270)), harness.data(TinyData.TEXTS))
                .training(all -> training(8).toBuilder().batchSize(4).saveSteps(2));
        return keys.apply(usual).build();
    }

    static ArchitectureConfig sizes(ExpertsConfig experts) {
        return new ArchitectureConfig(
                        16, 32, 2, 2, Optional.of(1), Optional.empty(), 64, Optional.empty(), Optional.empty())
                .with(experts);
    }

    /** On demonstrations. */
    SftConfig config(String model, UnaryOperator<SftConfigBuilder> keys) {
        SftConfigBuilder usual = SftConfig.builder(harness.model(model), harness.data(TinyData.DEMONSTRATIONS))
                .training(all -> training(4).toBuilder());
        return keys.apply(usual).build();
    }

    /** Fine-tunes {@code start}. */
    StageOutput sft(String name, UnaryOperator<SftConfigBuilder> keys) {
        return sft(name, "start", keys);
    }

    StageOutput sft(String name, String model, UnaryOperator<SftConfigBuilder> keys) {
        return harness.run(name, SftTrainer.class, config(model, keys));
    }
}
