package io.github.rlhf4j.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextMeasuresTest {
    @ParameterizedTest
    @ValueSource(strings = {"Yes.", " Ada lives in Rome.\nShe paints! ", "\"Why?\"", "3 apples.", "\u00c9l come."})
    void readsFinishedSentences(String text) {
        assertThat(TextMeasures.isReadable(text)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "   ", "yes.", "Ada lives in", "Ada \ufffd lives.", "Ada\u0001."})
    void refusesFragmentsAndBrokenText(String text) {
        assertThat(TextMeasures.isReadable(text)).isFalse();
    }
}
