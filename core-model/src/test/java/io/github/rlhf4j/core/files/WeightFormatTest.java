package io.github.rlhf4j.core.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class WeightFormatTest {
    @Test
    void sizesAreWrittenAsTransformersDoes() {
        assertThat(WeightFormat.bytes("5GB")).hasValue(5_000_000_000L);
        assertThat(WeightFormat.bytes("200MiB")).hasValue(200L << 20);
        assertThat(WeightFormat.bytes("1kb")).hasValue(1000);
        assertThat(WeightFormat.bytes("5")).isEmpty();
        assertThat(WeightFormat.bytes("0GB")).isEmpty();
        assertThat(WeightFormat.bytes("-1GB")).isEmpty();
    }

    @Test
    void onlyF32AndBf16AreWritten() {
        assertThatIllegalArgumentException().isThrownBy(() -> new WeightFormat(FloatType.F16, 1));
    }
}
