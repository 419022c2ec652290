package io.github.rlhf4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.kernels.Compute;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.ModelSize;
import io.github.rlhf4j.core.tensor.DataType;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** How many rows go through a model at once where nobody says it. */
class OptimizerSettingsTest {
    private static ModelSize size(int vocabulary, int hidden, int layers) {
        ModelConfig shape = ModelConfig.llama(vocabulary, hidden, 3 * hidden, layers, 8, 4, 512, true);
        return new ModelSize(shape, Set.of(Head.LANGUAGE), DataType.FLOAT);
    }

    @Test
    void aLargeModelHasFewRowsAndInBfloat16TwiceAsMany() {
        ModelSize large = size(49_152, 576, 30);

        assertThat(OptimizerSettings.defaultMicroBatchTokens(large, Compute.FLOAT32))
                .isBetween(256, 400);
        assertThat(OptimizerSettings.defaultMicroBatchTokens(large, Compute.BFLOAT16))
                .isEqualTo(512);
    }

    @Test
    void aSmallModelHasTheSameInEither() {
        ModelSize small = size(512, 64, 2);

        assertThat(OptimizerSettings.defaultMicroBatchTokens(small, Compute.BFLOAT16))
                .isEqualTo(OptimizerSettings.defaultMicroBatchTokens(small, Compute.FLOAT32))
                .isGreaterThan(512);
    }
}
