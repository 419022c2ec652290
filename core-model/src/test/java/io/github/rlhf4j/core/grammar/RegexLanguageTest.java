package io.github.rlhf4j.core.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegexLanguageTest {
    private static final List<String> TEXTS = List.of(
            "",
            "a",
            "b",
            "ab",
            "aab",
            "abab",
            "ba",
            "aaa",
            "a1",
            "12",
            "2024-02-29",
            "foo",
            "foo bar",
            "x\ny",
            "é",
            "日本",
            "😀",
            "A",
            "a-b",
            "]",
            "a]",
            "^",
            "\\",
            "{",
            "a{,}",
            "a.b",
            "_",
            " ",
            "\t",
            "0",
            "abc",
            "c",
            "ac");

    /** java.util.regex is the judge: whole texts, and (as JSON Schema means patterns) parts of texts. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "a*",
                "a+b",
                "(ab)*",
                "(?:a|b)+",
                "[a-c]",
                "[^a-c]",
                "[]a]",
                "[a\\]]+",
                "\\d+",
                "\\w+",
                "\\W",
                ".",
                ".*",
                "a?b?",
                "a{2,3}",
                "a{2}",
                "a{0,1}b",
                "^a",
                "b$",
                "^a$|^b$",
                "^(a|b)",
                "(a|)b",
                "x*",
                "[\\w-]+",
                "\\\\",
                "\\^",
                "a{,}",
                "\\p{L}+",
                "\\P{L}",
                "\\u0061",
                "\\x61",
                "日本",
                "[é-日]",
                "a.b",
                "^$",
                "$",
                "(?<name>a)b",
                "a*?b",
                "\\S\\s",
                "a|b|c",
                "[0-9]{4}-[0-9]{2}-[0-9]{2}",
                "\\{",
                "{"
            })
    void isWhatJavaMatches(String expression) {
        Pattern judge = Pattern.compile(
                expression.equals("{") || expression.equals("a{,}")
                        ? Pattern.quote(expression)
                        : expression.equals("[]a]") ? "[\\]a]" : expression);
        Grammar whole = StructuredOutputs.regex(expression).grammar();
        for (String text : TEXTS) {
            assertThat(whole.accepts(text))
                    .as(text)
                    .isEqualTo(judge.matcher(text).matches());
        }
        Dfa part = Dfa.of(Regex.within(RegexParser.parse(expression, "pattern")), "pattern");
        for (String text : TEXTS) {
            assertThat(part.accepts(text))
                    .as("within " + text)
                    .isEqualTo(judge.matcher(text).find());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "a(b; has a ( without its )",
                "a)b; has a ) without its (",
                "*a; nothing before it",
                "a**; repeats a repetition",
                "(?=a)b; look-around",
                "(a)\\1; back-reference",
                "\\bword; word boundary",
                "[a; ends too early",
                "[z-a]; out of order",
                "a{3,2}; out of order",
                "\\y; the escape \\y",
                "\\p{Nonsense}; the property",
                "a++; possessive",
                "(a|b)*a(a|b){30}; too large"
            })
    void mistakesAreSaidInALine(String expression, String problem) {
        assertThatThrownBy(() -> StructuredOutputs.regex(expression))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("regex")
                .hasMessageContaining(problem)
                .hasMessageNotContaining("\n");
    }

    @Test
    void choicesAreThoseTextsAlone() {
        Grammar grammar = StructuredOutputs.choice(List.of("yes", "no", "yes!", "naïve 😀"))
                .grammar();
        assertThat(List.of("yes", "no", "yes!", "naïve 😀")).allMatch(grammar::accepts);
        assertThat(List.of("", "y", "yesno", "yes!!", "naive 😀")).noneMatch(grammar::accepts);
        assertThatThrownBy(() -> StructuredOutputs.choice(List.of("a", ""))).isInstanceOf(UserError.class);
    }

    @Test
    void theAutomatonOfBytesKnowsEveryCharacterByItsUtf8() {
        Grammar grammar = StructuredOutputs.regex("[\\u0000-\\u{10FFFF}]").grammar();
        for (int c = 0; c <= Character.MAX_CODE_POINT; c += c < 0x900 ? 1 : 97) {
            boolean isCharacter = c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE;
            if (isCharacter) {
                assertThat(grammar.accepts(Character.toString(c))).isTrue();
            }
        }
        Grammar one = StructuredOutputs.regex("[\\u{7F}-\\u{801}\\u{FFFE}-\\u{10001}]")
                .grammar();
        for (int c : new int[] {
            0x7E, 0x7F, 0x80, 0x7FF, 0x800, 0x801, 0x802, 0xFFFD, 0xFFFE, 0xFFFF, 0x10000, 0x10001, 0x10002
        }) {
            assertThat(one.accepts(Character.toString(c)))
                    .as(Integer.toHexString(c))
                    .isEqualTo(c >= 0x7F && c <= 0x801 || c >= 0xFFFE && c <= 0x10001);
        }
    }
}
