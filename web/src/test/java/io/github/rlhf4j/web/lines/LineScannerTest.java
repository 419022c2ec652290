package io.github.rlhf4j.web.lines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.web.Json;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class LineScannerTest {
    private final KeyTable keys = new KeyTable();
    private final LineScanner scanner = new LineScanner(keys);
    private final Map<String, Double> numbers = new LinkedHashMap<>();
    private final Map<String, String> texts = new LinkedHashMap<>();

    private boolean scan(String line) {
        numbers.clear();
        texts.clear();
        byte[] bytes = ("xx" + line + "yy").getBytes(StandardCharsets.UTF_8);
        return scanner.scan(bytes, 2, bytes.length - 2, new LineScanner.Sink() {
            @Override
            public void number(int key, double value) {
                numbers.put(keys.name(key), value);
            }

            @Override
            public void text(int key, byte[] read, int from, int to) {
                texts.put(keys.name(key), new String(read, from, to - from, StandardCharsets.UTF_8));
            }
        });
    }

    @Test
    void tellsNumbersTruthValuesAndTextsOfOneLevelBelowToo() {
        assertThat(
                        scan(
                                "{\"step\":3,\"ended\":true,\"x\":false,\"prompt\":\"a \\\"b\\\""
                                        + " \\\\\",\"scores\":{\"rm\":-1.5e-3,\"deep\":{\"no\":1}},\"list\":[1,{\"a\":2},\"]\"],\"none\":null}"))
                .isTrue();
        assertThat(numbers).containsOnlyKeys("step", "ended", "x", "scores.rm");
        assertThat(numbers)
                .containsEntry("step", 3.0)
                .containsEntry("ended", 1.0)
                .containsEntry("x", 0.0);
        assertThat(numbers.get("scores.rm")).isCloseTo(-0.0015, within(1e-18));
        assertThat(texts).containsEntry("prompt", "a \\\"b\\\" \\\\").hasSize(1);
    }

    @Test
    void whatIsTooDeepIsNoLine() {
        assertThat(scan("{\"a\":" + "[".repeat(200_000))).isFalse();
        assertThat(scan("{\"a\":".repeat(200_000))).isFalse();
        assertThat(scan("{\"a\":" + "[".repeat(400) + "]".repeat(400) + ",\"b\":1}"))
                .isTrue();
        assertThat(numbers).containsEntry("b", 1.0);
    }

    @Test
    void numbersAreThoseOfAParserToTheFifteenthDigit() {
        CounterRandom random = CounterRandom.of(3);
        for (int i = 0; i < 20_000; i++) {
            double value = Double.longBitsToDouble(random.bits(i));
            if (Double.isFinite(value)) {
                ObjectNode line = Json.object().put("v", value);
                assertThat(scan(line.toString())).isTrue();
                double read = Objects.requireNonNull(numbers.get("v"));
                if (Math.abs(value) > 1e-290) {
                    assertThat(Math.abs(read - value)).isLessThanOrEqualTo(Math.abs(value) * 4e-15);
                } else {
                    assertThat(Math.abs(read)).isLessThan(1e-289);
                }
            }
        }
    }

    @Test
    void whatIsNoWholeObjectIsToldSo() {
        for (String line : new String[] {
            "",
            "{",
            "{\"a\":1",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":tru}",
            "[1]",
            "{\"a\":\"b}",
            "{\"a\":1e}",
            "{a:1}",
            "{\"a\":-}",
            "{\"a\":[1,}"
        }) {
            assertThat(scan(line)).as(line).isFalse();
        }
        assertThat(scan("{}")).isTrue();
        assertThat(scan(" { \"a\" : 1 , \"b\" : [ ] }\r")).isTrue();
    }

    @Test
    void manyKeysAreToldApart() {
        StringBuilder line = new StringBuilder("{");
        for (int i = 0; i < 1000; i++) {
            line.append(i == 0 ? "" : ",")
                    .append("\"key")
                    .append(i)
                    .append("\":")
                    .append(i);
        }
        assertThat(scan(line.append("}").toString())).isTrue();
        assertThat(numbers).hasSize(1000).containsEntry("key777", 777.0);
    }
}
