package io.github.rlhf4j.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Family;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TinyModelTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(Family.class)
    void ofEachFamilyCanBeLoadedWithItsTokenizer(Family family) {
        Path written = TinyModel.of(family).context(40).write(folder.resolve("model"));

        try (CpuKernels kernels = new CpuKernels(1);
                Transformer model = Transformer.load(written, Set.of(Head.LANGUAGE), kernels);
                HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(written)) {
            assertThat(model.config().family()).isEqualTo(family);
            assertThat(model.config().maxPositions()).isEqualTo(40);
            assertThat(model.config().vocabSize())
                    .isEqualTo(tokenizer.vocabSize())
                    .isEqualTo(280);
            assertThat(model.parameters().count()).isLessThan(20_000);
        }
    }

    @Test
    void isTheSameAgainAndAnotherWithAnotherSeed() throws IOException {
        byte[] first = weights(TinyModel.llama());

        assertThat(weights(TinyModel.llama())).isEqualTo(first);
        assertThat(weights(TinyModel.llama().seed(4))).isNotEqualTo(first);
    }

    @Test
    void canBeARewardModel() {
        Path written = TinyModel.llama().head(Head.SCALAR).write(folder.resolve("model"));

        try (CpuKernels kernels = new CpuKernels(1);
                Transformer model = Transformer.load(written, Set.of(Head.SCALAR), kernels)) {
            assertThat(model.heads()).containsExactly(Head.SCALAR);
        }
    }

    private byte[] weights(TinyModel model) throws IOException {
        return Files.readAllBytes(model.write(folder.resolve("model")).resolve("model.safetensors"));
    }
}
