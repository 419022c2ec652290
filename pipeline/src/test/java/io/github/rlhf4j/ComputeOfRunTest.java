package io.github.rlhf4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.Compute;
import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The key {@code compute} of a run. */
class ComputeOfRunTest {
    @TempDir
    private Path folder;

    private Path model = Path.of("");
    private Path data = Path.of("");

    @BeforeEach
    void write() {
        model = TinyModel.llama().write(folder.resolve("start"));
        data = Path.of(TinyData.DEMONSTRATIONS.write(folder).path());
    }

    private RunBuilder run(Rlhf4j rlhf4j, String name) {
        return rlhf4j.stage("sft")
                .model(model)
                .dataset(data)
                .set("max_steps", 2)
                .output(folder.resolve(name));
    }

    @Test
    void isAKeyOfEachStageThatIsNotContinuedWithAnother() {
        try (Rlhf4j rlhf4j = Rlhf4j.builder().threads(1).build()) {
            Run rounded = run(rlhf4j, "rounded").lay("compute", "bfloat16").run();
            Run usual = run(rlhf4j, "usual").run();
            run(rlhf4j, "same").lay("compute", "float32").run();

            assertThat(rlhf4j.kernels().compute()).isEqualTo(Compute.FLOAT32);
            assertThat(rounded.folder().resolve("sft/config.yaml")).content().contains("compute: bfloat16");
            assertThat(usual.folder().resolve("sft/config.yaml")).content().doesNotContain("compute");
            assertThat(folder.resolve("same/sft/model/model.safetensors"))
                    .hasSameBinaryContentAs(folder.resolve("usual/sft/model/model.safetensors"));
            assertThatThrownBy(() -> run(rlhf4j, "rounded").resume().run())
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("compute: bfloat16 -> (none)");
        }
    }

    @Test
    void isFloat32OrBfloat16() {
        try (Rlhf4j rlhf4j = Rlhf4j.builder().threads(1).build()) {
            assertThatThrownBy(
                            () -> run(rlhf4j, "wrong").lay("compute", "float16").plan())
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("compute must be float32 or bfloat16, but is float16");
        }
    }
}
