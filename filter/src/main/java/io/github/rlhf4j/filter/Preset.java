package io.github.rlhf4j.filter;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** Published rules with their published thresholds; what a run file gives beside them goes before. */
public enum Preset {
    /** Both of Gopher's sets. */
    GOPHER,
    /** Rae et al. 2021, arXiv:2112.11446, appendix A.1.1, quality filtering. */
    GOPHER_QUALITY,
    /** Rae et al. 2021, table A1. */
    GOPHER_REPETITION,
    /** Raffel et al. 2020, arXiv:1910.10683, section 2.2, with citations, policy lines and long words as TensorFlow Datasets' c4_utils. Without the bad words, whose list is to be given. */
    C4;

    /** Gopher's stop words. */
    static final List<String> STOP_WORDS = List.of("the", "be", "to", "of", "and", "that", "have", "with");

    private static final ShapeConfig GOPHER_SHAPE = new ShapeConfig(
            OptionalInt.of(50),
            OptionalInt.of(100_000),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalDouble.of(3),
            OptionalDouble.of(10),
            OptionalDouble.of(0.1),
            OptionalDouble.of(0.9),
            OptionalDouble.of(0.3),
            OptionalDouble.of(0.8),
            OptionalInt.of(2),
            List.of());

    private static final RepetitionConfig GOPHER_TABLE = new RepetitionConfig(
            OptionalDouble.of(0.3),
            OptionalDouble.of(0.3),
            OptionalDouble.of(0.2),
            OptionalDouble.of(0.2),
            Map.of("2", 0.20, "3", 0.18, "4", 0.16),
            Map.of("5", 0.15, "6", 0.14, "7", 0.13, "8", 0.12, "9", 0.11, "10", 0.10));

    private static final C4Config C4_RULES = new C4Config(
            Optional.of(true),
            Optional.of(true),
            OptionalInt.of(3),
            OptionalInt.of(5),
            OptionalInt.of(1_000),
            Optional.of(true),
            Optional.of(true),
            Optional.of(true),
            Optional.of(true));

    /** What it says of texts' shape. */
    ShapeConfig shape() {
        return this == GOPHER || this == GOPHER_QUALITY ? GOPHER_SHAPE : ShapeConfig.NONE;
    }

    /** What it says of repetition. */
    RepetitionConfig repetition() {
        return this == GOPHER || this == GOPHER_REPETITION ? GOPHER_TABLE : RepetitionConfig.NONE;
    }

    /** What it says of lines. */
    C4Config c4() {
        return this == C4 ? C4_RULES : C4Config.NONE;
    }
}
