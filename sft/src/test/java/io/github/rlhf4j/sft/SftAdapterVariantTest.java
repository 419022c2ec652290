package io.github.rlhf4j.sft;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.model.LoraInit;
import io.github.rlhf4j.core.stage.AdapterConfig;
import io.github.rlhf4j.core.stage.AdapterVariantConfig;
import io.github.rlhf4j.core.stage.SavedModulesConfig;
import io.github.rlhf4j.testing.StageOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fine-tuning of an adapter with dropout, DoRA, PiSSA and a module that is saved, as whole stages. */
class SftAdapterVariantTest {
    private static final AdapterConfig EVERYTHING = new AdapterConfig(
            OptionalInt.of(4),
            OptionalDouble.of(8),
            Optional.of(true),
            List.of("all-linear"),
            new AdapterVariantConfig(OptionalDouble.of(0.1), Optional.of(true), Optional.of(LoraInit.PISSA)),
            SavedModulesConfig.of("norm"));

    private TinySft tiny;

    @BeforeEach
    void aModel(@TempDir Path folder) {
        tiny = new TinySft(folder);
    }

    @Test
    void aStoppedOrKilledRunThatIsResumedIsTheRunThatWasNot() throws IOException {
        SftConfig config = tiny.config(
                "start",
                keys -> keys.adapter(EVERYTHING)
                        .dropout(0.1)
                        .training(training -> training.maxSteps(6).saveSteps(2)));
        StageOutput unbroken = tiny.harness.run("unbroken", SftTrainer.class, config);

        tiny.harness.stopAfter(3, "stopped", SftTrainer.class, config);
        tiny.harness.killAfter(5, "killed", SftTrainer.class, config);
        for (String name : List.of("stopped", "killed")) {
            StageOutput resumed = tiny.harness.resume(name, SftTrainer.class, config);
            assertThat(resumed.lines()).isEqualTo(unbroken.lines());
            assertThat(resumed.weights()).isEqualTo(unbroken.weights());
            assertThat(adapter(resumed)).isEqualTo(adapter(unbroken));
        }
    }

    private static byte[] adapter(StageOutput output) throws IOException {
        return Files.readAllBytes(output.directory().resolve("adapter").resolve("adapter_model.safetensors"));
    }
}
