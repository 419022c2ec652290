package io.github.rlhf4j.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.GivenKeys;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BuiltInRewardsTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private static double score(RewardFunction function, String response, int[] ids, Map<String, Object> columns) {
        return function.score(List.of(new RewardFunction.Answer("", response, ids.length, true, columns, ids)))[0];
    }

    private static double score(RewardFunction function, String response) {
        return score(function, response, new int[1], Map.of());
    }

    private static <T> RewardFunction with(RewardFunction function, ConfigKey<T> key, T value) {
        return function.with(GivenKeys.NONE.with(key, value));
    }

    /** Lines of tools/golden/rewards.py. */
    @Test
    void scoresAreThoseOfTrl() throws IOException {
        List<String> lines;
        try (InputStream in = Objects.requireNonNull(BuiltInRewardsTest.class.getResourceAsStream("rewards.tsv"))) {
            lines = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        }
        for (String line : lines) {
            List<JsonNode> cells = new ArrayList<>();
            for (String cell : line.split("\t")) {
                cells.add(MAPPER.readTree(cell));
            }
            double expected = cells.get(cells.size() - 1).asDouble();
            assertThat(ours(cells)).as(line).isCloseTo(expected, within(1e-12));
        }
        assertThat(lines).hasSizeGreaterThan(100);
    }

    private static double ours(List<JsonNode> cells) {
        return switch (cells.get(0).asText()) {
            case "format" -> score(new FormatReward(), cells.get(1).asText());
            case "length" ->
                score(
                        new LengthReward()
                                .with(GivenKeys.of(Map.of(
                                        LengthReward.LONGEST,
                                        cells.get(1).asLong(),
                                        LengthReward.CACHE,
                                        cells.get(2).asLong()))),
                        "",
                        new int[cells.get(3).asInt()],
                        Map.of());
            case "repetition" -> {
                int[] ids = new int[cells.get(3).size()];
                java.util.Arrays.setAll(ids, i -> cells.get(3).get(i).asInt());
                yield score(
                        new RepetitionReward()
                                .with(GivenKeys.of(Map.of(
                                        RepetitionReward.SIZE,
                                        cells.get(1).asLong(),
                                        RepetitionReward.PENALTY,
                                        cells.get(2).asDouble()))),
                        "",
                        ids,
                        Map.of());
            }
            default ->
                score(
                        with(
                                new CosineReward(),
                                CosineReward.MAX_LEN,
                                cells.get(1).asLong()),
                        cells.get(2).asBoolean() ? "1" : "2",
                        new int[cells.get(3).asInt()],
                        Map.of("answer", "1"));
        };
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "42 | 42 | 1",
                "42.0 | 42 | 1",
                "43 | 42 | 0",
                "The answer is 42. | 42 | 1",
                "It is 41, no, 42 | 42 | 1",
                "1,234 | 1234 | 1",
                "1{,}234 | 1234 | 1",
                "1\\,234 | 1234 | 1",
                "12,34 | 1234 | 0",
                "$1,000 | 1000 | 1",
                "1/2 | 0.5 | 1",
                "\\frac{1}{2} | 0.5 | 1",
                "\\dfrac12 | 0.5 | 1",
                "\\frac{2}{4} | 1/2 | 1",
                "-\\frac{1}{2} | -0.5 | 1",
                "1 1/2 | 1.5 | 1",
                "1\\frac{1}{2} | 1.5 | 1",
                "1/3 | 0.333 | 0",
                "1/0 | 1 | 0",
                "50% | 50 | 1",
                "50\\% | 0.5 | 1",
                "0.5 | 50% | 1",
                "5% | 0.5 | 0",
                "12 cm | 12 | 1",
                "12cm | 12 | 1",
                "12\\text{ cm} | 12 | 1",
                "90^\\circ | 90 | 1",
                "12 | 12 km/h | 1",
                "\\boxed{2x} | 2 | 0",
                "1.5e3 | 1500 | 1",
                "1.5\\times10^{3} | 1500 | 1",
                "1.5 \\times 10^3 | 1500 | 1",
                "1e999999999 | 1 | 0",
                "so \\boxed{\\frac{3}{4}} | 0.75 | 1",
                "\\boxed{7} and 8 | 7 | 1",
                "\\boxed{7} and 8 | 8 | 0",
                "\\boxed 5 | 5 | 1",
                "#### 18 | 6 * 3 = 18 #### 18 | 1",
                "<think>3</think><answer>4</answer> | 4 | 1",
                "\\boxed{x+1} | x + 1 | 1",
                "\\boxed{\\sqrt3} | \\sqrt{3} | 1",
                "\\boxed{x=5} | 5 | 1",
                "\\boxed{\\left(1, 2\\right)} | (1,2) | 1",
                "\\boxed{\\frac{\\pi}{2}} | \\frac\\pi2 | 0",
                "−3 | -3 | 1",
                "+3 | 3 | 1",
                "three | 3 | 0",
            })
    void numbersAreRead(String response, String right, double score) {
        assertThat(score(new NumericReward(), response, new int[1], Map.of("answer", right)))
                .isEqualTo(score);
    }

    @Test
    void aNumberMayBeNearAndAColumnMayHaveAnotherName() {
        RewardFunction near =
                new NumericReward().with(GivenKeys.of(Map.of(NumericReward.TOLERANCE, 0.01, AnswerColumn.KEY, "gold")));
        assertThat(score(near, "3.14", new int[1], Map.of("gold", "3.1416"))).isEqualTo(1);
        assertThat(score(near, "3.2", new int[1], Map.of("gold", 3.1416))).isZero();
        assertThat(near.scoreOrNone(List.of(new RewardFunction.Answer("", "3", 1, true, Map.of("gold", " ")))))
                .allMatch(java.util.OptionalDouble::isEmpty);
    }

    @Test
    void anExpressionIsFoundOrIsAll() {
        RewardFunction digits = with(new RegexReward(), RegexReward.PATTERN, "[0-9]+");
        assertThat(score(digits, "ab12")).isEqualTo(1);
        assertThat(score(digits, "ab")).isZero();
        RewardFunction all =
                new RegexReward().with(GivenKeys.of(Map.of(RegexReward.PATTERN, "[0-9]+", RegexReward.FULL, true)));
        assertThat(score(all, "ab12")).isZero();
        assertThat(score(all, "12")).isEqualTo(1);
        wrong(() -> with(new RegexReward(), RegexReward.PATTERN, "(["), "pattern must be a regular expression");
        RewardFunction slow = with(new RegexReward(), RegexReward.PATTERN, "x*x*x*x*x*x*x*y");
        assertThatThrownBy(() -> score(slow, "x".repeat(100))).isInstanceOf(BudgetedText.Exhausted.class);
    }

    @Test
    void partsInOrder() {
        RewardFunction both = with(new FormatReward(), FormatReward.LAYOUT, FormatReward.Layout.THINK_ANSWER);
        assertThat(score(both, "<think>a</think>\n<answer>b</answer>\n")).isEqualTo(1);
        assertThat(score(both, "<think>a</think> so <answer>b</answer>")).isZero();
        assertThat(score(both, "<think>a</think><answer>b</answer> more")).isZero();
        assertThat(score(both, "<answer>b</answer>")).isZero();
    }

    @Test
    void languagesAreTold() {
        RewardFunction german = with(new LanguageReward(), LanguageReward.LANGUAGE, "de");
        assertThat(score(german, "Das ist ein Satz, den man auf Deutsch geschrieben hat."))
                .isEqualTo(1);
        assertThat(score(german, "This is a sentence that somebody wrote in English."))
                .isZero();
        RewardFunction among = new LanguageReward()
                .with(GivenKeys.of(Map.of(LanguageReward.LANGUAGE, "en", LanguageReward.AMONG, "de, fr")));
        assertThat(score(among, "The cat is here.")).isEqualTo(1);
        assertThat(score(among, "12345")).isZero();
        wrong(
                () -> with(new LanguageReward(), LanguageReward.LANGUAGE, "klingon"),
                "language must be the ISO 639 code");
    }

    private static boolean isValid(String schema, String value) {
        return score(with(new JsonSchemaReward(), JsonSchemaReward.SCHEMA, schema), value) == 1;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0001',
            value = {
                "true | {\"a\": 1} | true",
                "true | {\"a\": 1} x | false",
                "true | {\"a\": 1, \"a\": 2} | false",
                "false | 1 | false",
                "true | [1 | false",
                "{\"type\": \"integer\"} | 1.0 | true",
                "{\"type\": \"integer\"} | 1.5 | false",
                "{\"type\": [\"string\", \"null\"]} | null | true",
                "{\"const\": 1} | 1.0 | true",
                "{\"enum\": [\"a\", [1]]} | [1.0] | true",
                "{\"enum\": [\"a\"]} | \"b\" | false",
                "{\"minimum\": 3, \"exclusiveMaximum\": 5} | 5 | false",
                "{\"minimum\": 3, \"exclusiveMaximum\": 5} | 3 | true",
                "{\"multipleOf\": 0.1} | 0.3 | true",
                "{\"multipleOf\": 0.1} | 0.35 | false",
                "{\"maxLength\": 1} | \"\\ud83d\\ude00\" | true",
                "{\"pattern\": \"^a\"} | \"ba\" | false",
                "{\"pattern\": \"a\"} | 5 | true",
                "{\"properties\": {\"a\": {\"type\": \"string\"}}, \"required\": [\"a\"]} | {\"a\": \"x\"} | true",
                "{\"properties\": {\"a\": {\"type\": \"string\"}}, \"required\": [\"a\"]} | {} | false",
                "{\"properties\": {\"a\": true}, \"additionalProperties\": false} | {\"b\": 1} | false",
                "{\"patternProperties\": {\"^x\": {\"type\": \"number\"}}, \"additionalProperties\": false} | {\"xy\": 1} | true",
                "{\"propertyNames\": {\"maxLength\": 1}} | {\"ab\": 1} | false",
                "{\"minProperties\": 1} | {} | false",
                "{\"dependentRequired\": {\"a\": [\"b\"]}} | {\"a\": 1} | false",
                "{\"items\": {\"type\": \"number\"}} | [1, \"a\"] | false",
                "{\"prefixItems\": [{\"type\": \"string\"}], \"items\": false} | [\"a\"] | true",
                "{\"prefixItems\": [{\"type\": \"string\"}], \"items\": false} | [\"a\", 1] | false",
                "{\"uniqueItems\": true} | [1, 1.0] | false",
                "{\"contains\": {\"const\": 1}, \"maxContains\": 1} | [1, 1] | false",
                "{\"contains\": {\"const\": 1}, \"minContains\": 0} | [] | true",
                "{\"anyOf\": [{\"type\": \"string\"}, {\"minimum\": 2}]} | 1 | false",
                "{\"oneOf\": [{\"minimum\": 1}, {\"minimum\": 2}]} | 3 | false",
                "{\"not\": {\"type\": \"string\"}} | \"a\" | false",
                "{\"if\": {\"minimum\": 5}, \"then\": {\"const\": 7}, \"else\": {\"const\": 1}} | 6 | false",
                "{\"$defs\": {\"n\": {\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/n\"}}}, \"$ref\": \"#/$defs/n\"} | [[], [[]]] | true",
                "{\"$defs\": {\"n\": {\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/n\"}}}, \"$ref\": \"#/$defs/n\"} | [[1]] | false",
            })
    void valuesAreHeldAgainstSchemas(String schema, String value, boolean isValid) {
        assertThat(isValid(schema, value)).isEqualTo(isValid);
    }

    @Test
    void whatIsNoSchemaIsRefused(@TempDir Path folder) throws IOException {
        wrong(
                () -> isValid("{\"unevaluatedItems\": false}", "1"),
                "schema must be a JSON schema (the keyword unevaluatedItems is not known here)");
        wrong(() -> isValid("{\"$ref\": \"http://other/\"}", "1"), "$ref must be to a part of the schema itself");
        wrong(() -> isValid("{\"items\": 5}", "1"), "a schema must be an object, true or false, but one is 5");
        wrong(() -> isValid("{\"pattern\": \"([\"}", "1"), "schema must be a JSON schema");
        wrong(() -> isValid("{", "1"), "schema must be JSON");
        wrong(
                () -> with(new JsonSchemaReward(), JsonSchemaReward.SCHEMA_PATH, folder + "/none"),
                "schema_path must be a file that can be read");
        Path file = Files.writeString(folder.resolve("s.json"), "{\"type\": \"object\"}");
        assertThat(score(with(new JsonSchemaReward(), JsonSchemaReward.SCHEMA_PATH, file.toString()), "{}"))
                .isEqualTo(1);
    }

    @Test
    void otherKeysHaveRangesToo() {
        wrong(
                () -> new LengthReward().with(GivenKeys.of(Map.of(LengthReward.LONGEST, 5L, LengthReward.CACHE, 6L))),
                "soft_punish_cache must be at most max_completion_len = 5");
        wrong(() -> GivenKeys.of(Map.of(RepetitionReward.PENALTY, 1.0)), "max_penalty");
    }

    private static void wrong(org.assertj.core.api.ThrowableAssert.ThrowingCallable making, String message) {
        assertThatThrownBy(making).isInstanceOf(ConfigException.class).hasMessageContaining(message);
    }
}
