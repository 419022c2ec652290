package io.github.rlhf4j.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class RecordWireTest {
    private enum Colour {
        RED,
        BLUE
    }

    private record Inner(int number, Optional<String> name) {}

    private record Outer(
            boolean isOn,
            long count,
            double share,
            String text,
            Colour colour,
            OptionalInt least,
            OptionalDouble most,
            List<String> words,
            Map<String, Double> limits,
            Optional<Inner> inner,
            Optional<Boolean> choice) {}

    private record Unknown(Object any) {}

    private static Outer back(Outer value) {
        WireWriter out = new WireWriter();
        RecordWire.of(Outer.class).write(out, value);
        WireReader in = new WireReader(out.bytes());
        Outer read = RecordWire.of(Outer.class).read(in);
        in.end();
        return read;
    }

    @Test
    void aRecordIsReadAsItWasWritten() {
        Outer full = new Outer(
                true,
                Long.MIN_VALUE,
                0.1,
                "\u00e4\n\ud83d\ude00",
                Colour.BLUE,
                OptionalInt.of(-3),
                OptionalDouble.of(Double.MIN_VALUE),
                List.of("a", ""),
                Map.of("x", 1.5, "y", -0.0),
                Optional.of(new Inner(7, Optional.of("n"))),
                Optional.of(false));
        Outer empty = new Outer(
                false,
                0,
                Double.NaN,
                "",
                Colour.RED,
                OptionalInt.empty(),
                OptionalDouble.empty(),
                List.of(),
                Map.of(),
                Optional.empty(),
                Optional.empty());

        assertThat(back(full)).isEqualTo(full);
        assertThat(back(empty)).isEqualTo(empty);
    }

    @Test
    void whatIsNoPlainValueDoesNotTravel() {
        assertThatThrownBy(() -> RecordWire.of(Unknown.class).write(new WireWriter(), new Unknown(new Object())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("java.lang.Object");
    }
}
