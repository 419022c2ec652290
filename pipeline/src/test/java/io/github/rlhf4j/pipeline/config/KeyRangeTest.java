package io.github.rlhf4j.pipeline.config;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.GivenKeys;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class KeyRangeTest {
    private static final ConfigKey<Double> MARGIN =
            ConfigKey.number("margin", 0.5).atLeast(0).below(2);

    record Group(double share, double open, OptionalDouble maybe) implements ConfigGroup {
        Group {
            checkConfig(share >= 0 && share < 1, "share", share, "must be in [0, 1)");
            checkConfig(open > 0 && open <= 1, "open", open, "must be in (0, 1]");
            checkConfig(maybe.orElse(1) > 0, "maybe", maybe.orElse(1), "must be finite and > 0");
        }
    }

    record Config(
            String needed,
            int size,
            long saves,
            Optional<Integer> even,
            OptionalInt most,
            double low,
            double high,
            String kind,
            Optional<String> text,
            Group group,
            GivenKeys keys) {
        Config {
            checkConfig(!needed.equals("?") || text.isPresent(), "text", "missing", "must be given with a question");
            checkConfig(size >= 1, "size", size, "must be >= 1");
            checkConfig(saves == 0 || saves >= 2, "saves", saves, "must be >= 2, or 0 for no checkpoints");
            checkConfig(
                    even.orElse(2) >= 1 && size % even.orElse(1) == 0,
                    "even",
                    even.orElse(2),
                    "must be >= 1 and divide size = " + size);
            checkConfig(most.orElse(1) <= 256 && most.orElse(1) >= 1, "most", most.orElse(1), "must be in 1 .. 256");
            checkConfig(high > 1 + low, "high", high, "must be > 1 + low = " + (1 + low));
            checkConfig(List.of("a", "b_c").contains(kind), "kind", kind, "must be one of a, b_c");
        }
    }

    private static String range(String key) {
        Map<String, Object> standing =
                Map.of("size", 4, "saves", 0L, "low", 1.0, "high", 3.0, "kind", "a", "share", 0.1, "open", 0.5);
        RecordProbe probe = new RecordProbe(Config.class, List.of(MARGIN), standing);
        Type type = Objects.requireNonNull(
                ConfigKeys.of(Config.class, List.of(MARGIN)).get(key));
        return phrase(KeyRange.of(probe, key, type));
    }

    /** {@code > 0}, {@code >= 0 and < 1}, {@code a, b}; empty where everything goes. */
    private static String phrase(KeyRange range) {
        List<String> parts = new ArrayList<>(range.choices());
        range.from().ifPresent(bound -> parts.add((range.isFromIncluded() ? ">= " : "> ") + text(bound)));
        range.to().ifPresent(bound -> parts.add((range.isToIncluded() ? "<= " : "< ") + text(bound)));
        return String.join(range.choices().isEmpty() ? " and " : ", ", parts);
    }

    private static String text(double bound) {
        return bound == Math.rint(bound) ? String.valueOf((long) bound) : String.valueOf(bound);
    }

    @Test
    void isWhatTheRecordSaysOfAValueByItself() {
        assertThat(range("size")).isEqualTo(">= 1");
        assertThat(range("saves")).isEqualTo(">= 0");
        assertThat(range("even")).isEqualTo(">= 1");
        assertThat(range("most")).isEqualTo(">= 1 and <= 256");
        assertThat(range("share")).isEqualTo(">= 0 and < 1");
        assertThat(range("open")).isEqualTo("> 0 and <= 1");
        assertThat(range("maybe")).isEqualTo("> 0");
        assertThat(range("margin")).isEqualTo(">= 0 and < 2");
        assertThat(range("kind")).isEqualTo("a, b_c");
    }

    @Test
    void hasNoBoundThatDependsOnAnotherKey() {
        assertThat(range("high")).isEmpty();
        assertThat(range("low")).isEmpty();
        assertThat(range("text")).isEmpty();
    }

    @Test
    void isWrittenAsJsonSchemaDoes() {
        ObjectNode schema = JsonNodeFactory.instance.objectNode();

        new KeyRange(OptionalDouble.of(0), false, OptionalDouble.of(0.5), true, List.of()).describe(schema);

        assertThat(schema).hasToString("{\"exclusiveMinimum\":0,\"maximum\":0.5}");
    }
}
