package io.github.rlhf4j.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.datasets.DatasetSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class FilterConfigTest {
    private static final DatasetSpec ROWS = DatasetSpec.of("rows.jsonl");
    private static final OptionalInt NO_INT = OptionalInt.empty();
    private static final OptionalDouble NO_DOUBLE = OptionalDouble.empty();
    private static final Optional<Boolean> UNSAID = Optional.empty();

    private static void refused(String key, ThrowingCallable config) {
        assertThatThrownBy(config)
                .as(key)
                .isInstanceOfSatisfying(
                        ConfigException.class, e -> assertThat(e.key()).isEqualTo(key));
    }

    private static ShapeConfig shape(OptionalInt least, OptionalInt most, OptionalDouble length, OptionalDouble ratio) {
        return new ShapeConfig(
                least,
                most,
                NO_INT,
                NO_INT,
                length,
                OptionalDouble.of(10),
                NO_DOUBLE,
                ratio,
                NO_DOUBLE,
                NO_DOUBLE,
                NO_INT,
                List.of());
    }

    @Test
    void namesTheKeyThatIsOutOfRange() {
        refused("min_doc_words", () -> shape(OptionalInt.of(-1), NO_INT, NO_DOUBLE, NO_DOUBLE));
        refused("min_doc_words", () -> shape(OptionalInt.of(9), OptionalInt.of(8), NO_DOUBLE, NO_DOUBLE));
        refused("max_doc_words", () -> shape(NO_INT, OptionalInt.of(0), NO_DOUBLE, NO_DOUBLE));
        refused("min_avg_word_length", () -> shape(NO_INT, NO_INT, OptionalDouble.of(11), NO_DOUBLE));
        refused("max_bullet_lines_ratio", () -> shape(NO_INT, NO_INT, NO_DOUBLE, OptionalDouble.of(1.1)));
        refused("top_n_grams", () -> repetition(Map.of("two", 0.2), Map.of()));
        refused("dup_n_grams", () -> repetition(Map.of(), Map.of("5", 2.0)));
        refused("num_buckets", () -> new MinHashConfig(NO_INT, OptionalInt.of(0), NO_INT));
        refused("num_buckets", () -> new MinHashConfig(NO_INT, OptionalInt.of(5_000), NO_INT));
        refused("agent", () -> new RobotsConfig(ROWS, "GPTBot/1.0", Optional.empty()));
        refused("threshold", () -> new ClassifierConfig(ROWS, ROWS, OptionalDouble.of(1)));
        refused("languages", () -> content(List.of("xx"), NO_DOUBLE, NO_INT));
        refused("language_threshold", () -> content(List.of(), OptionalDouble.of(0.5), NO_INT));
        refused("decontaminate_n_grams", () -> content(List.of(), NO_DOUBLE, OptionalInt.of(13)));
        refused("decontaminate_n_grams", () -> content(List.of(), NO_DOUBLE, OptionalInt.of(5)));
        refused(
                "samples_per_reason",
                () -> FilterConfig.builder(ROWS)
                        .preset(Preset.C4)
                        .samplesPerReason(-1)
                        .build());
    }

    private static RepetitionConfig repetition(Map<String, Double> top, Map<String, Double> duplicated) {
        return new RepetitionConfig(NO_DOUBLE, NO_DOUBLE, NO_DOUBLE, NO_DOUBLE, top, duplicated);
    }

    private static ContentConfig content(List<String> languages, OptionalDouble threshold, OptionalInt nGrams) {
        return new ContentConfig(
                languages,
                threshold,
                List.of(),
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                nGrams,
                Optional.empty());
    }

    private static C4Config noJavascript() {
        return new C4Config(UNSAID, UNSAID, NO_INT, NO_INT, NO_INT, UNSAID, Optional.of(false), UNSAID, UNSAID);
    }

    @Test
    void refusesWhatWouldDoNothing() {
        refused("preset", () -> FilterConfig.builder(ROWS).build());
        refused(
                "filter_javascript",
                () -> FilterConfig.builder(ROWS)
                        .preset(Preset.GOPHER)
                        .c4(noJavascript())
                        .build());
        ShapeConfig stopWords = new ShapeConfig(
                NO_INT,
                NO_INT,
                NO_INT,
                NO_INT,
                NO_DOUBLE,
                NO_DOUBLE,
                NO_DOUBLE,
                NO_DOUBLE,
                NO_DOUBLE,
                NO_DOUBLE,
                NO_INT,
                List.of("der"));
        refused(
                "stop_words",
                () -> FilterConfig.builder(ROWS)
                        .preset(Preset.C4)
                        .shape(stopWords)
                        .build());
    }

    @Test
    void whatIsGivenGoesBeforeAPreset() {
        FilterConfig config = FilterConfig.builder(ROWS)
                .preset(Preset.GOPHER, Preset.C4)
                .shape(shape(OptionalInt.of(5), NO_INT, NO_DOUBLE, NO_DOUBLE))
                .repetition(repetition(Map.of("2", 0.5), Map.of()))
                .c4(noJavascript())
                .build();

        assertThat(config.effectiveShape().minDocWords()).hasValue(5);
        assertThat(config.effectiveShape().maxDocWords()).hasValue(100_000);
        assertThat(config.effectiveRepetition().topNGrams())
                .containsExactlyInAnyOrderEntriesOf(Map.of("2", 0.5, "3", 0.18, "4", 0.16));
        assertThat(config.effectiveC4().filterJavascript()).contains(false);
        assertThat(config.effectiveC4().minNumSentences()).hasValue(3);
    }
}
