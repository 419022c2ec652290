package io.github.rlhf4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The kWh of runs. */
class EnergyOfRunTest {
    @TempDir
    private Path folder;

    private RunBuilder run(Rlhf4j rlhf4j) {
        return rlhf4j.stage("sft")
                .model(TinyModel.llama().write(folder.resolve("start")))
                .dataset(Path.of(TinyData.DEMONSTRATIONS.write(folder).path()))
                .set("max_steps", 2)
                .output(folder.resolve("run"));
    }

    @Test
    void aGivenPowerSaysWhatEachStageAndTheRunTook() {
        try (Rlhf4j rlhf4j = Rlhf4j.builder().threads(1).build()) {
            Run run = run(rlhf4j).lay("watts", 12).run();

            double kwh = run.stage("sft").summary().path("energy_consumed").asDouble();
            assertThat(kwh).isPositive();
            assertThat(run.summary().path("energy_consumed").asDouble()).isEqualTo(kwh);
            assertThat(run.folder().resolve("report.html")).content().contains("energy, kWh");
            assertThat(run.folder().resolve("sft/provenance.json")).content().contains("energy_source");
        }
    }

    @Test
    void aPowerMustBeANumberAboveZero() {
        try (Rlhf4j rlhf4j = Rlhf4j.builder().threads(1).build()) {
            for (Object wrong : new Object[] {0, -5, "many", true}) {
                assertThatThrownBy(() -> run(rlhf4j).lay("watts", wrong).plan())
                        .isInstanceOf(UserError.class)
                        .hasMessageContaining("watts must be a number > 0");
            }
            run(rlhf4j).lay("watts", null).plan();
        }
    }
}
