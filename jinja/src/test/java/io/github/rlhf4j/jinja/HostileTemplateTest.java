package io.github.rlhf4j.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Templates that would take all time or memory, or that are wrong in ways nobody thought of, end with an error that has a line. */
@Timeout(60)
class HostileTemplateTest {
    private static final String CHAT = """
            {%- set ns = namespace(system='', count=0) %}
            {%- macro turn(message, index) %}{{ '<|' ~ message['role'] ~ '|>' }}{{ message.content | trim }}{% endmacro %}
            {%- if messages[0]['role'] == 'system' %}{% set ns.system = messages[0]['content'] %}{% endif %}
            {%- for message in messages[1:] if message.role != 'tool' %}
                {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}
                {%- set ns.count = ns.count + 1 %}
                {{- turn(message, loop.index) + '\\n' }}{%- if loop.last and add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}
            {%- endfor %}
            {{- {'a': [1, 2.5, none], 'b': ns.system} | tojson(indent=2) }}{{ messages | map(attribute='role') | join(', ') | upper }}
            {{- "%s" if ns.count is defined and ns.count > 1 else 'x'.replace('x', 'y') }}{{ messages[-1].content.split(' ')[0][:3] }}
            """;
    private static final Map<String, Object> CONVERSATION = Map.of(
            "messages",
            List.of(
                    Map.of("role", "system", "content", "Be kind."),
                    Map.of("role", "user", "content", " Hello there "),
                    Map.of("role", "assistant", "content", "Hi"),
                    Map.of("role", "user", "content", "Bye now")),
            "add_generation_prompt",
            true);

    private static final long SMALL = Budget.ALL >> 5; // so that tests are quick

    private static String render(String source) {
        return JinjaTemplate.parse(source, Clock.systemUTC())
                .render(CONVERSATION, SMALL)
                .text();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
                "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(40) }}",
                "{% set ns = namespace(x='x') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
                "{% set ns = namespace(x='x') %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
                "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
                "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
                "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x | tojson }}",
                "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x == [ns.x[0], ns.x[1]] }}",
                "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ {ns.x: 1} }}",
                "{% set ns = namespace(x=(1,)) %}{% for i in range(60) %}{% set ns.x = (ns.x, ns.x) %}{% endfor %}{{ {ns.x: 1} }}",
                "{{ 'a\\nb' | indent(2000000000) }}",
                "{{ 'x' * 4294967301 }}",
                "{{ 'xxxx' * 2000000000 }}",
                "{{ ('x' * 1000000).replace('x', 'y' * 1000000) }}",
                "{{ ('x' * 1000000).replace('', 'y' * 1000000, 9000000000000000000) }}",
                "{{ ('x' * 1000000) | list | join('y' * 1000000) }}",
                "{{ [1] | tojson(indent=2000000000) }}",
                "{% for c in range(99999) %}{{ ('x' * 1000000)[c] }}{% endfor %}",
                "{{ range(99999) | list | unique }}{{ range(99999) | list | unique }}",
                "{% set b = 'a' * 4000000 ~ 'b' %}{{ b in 'a' * 9000000 }}",
                "{% set b = 'a' * 4000000 ~ 'b' %}{{ ('a' * 9000000).find(b) }}",
                "{% set b = 'a' * 4000000 ~ 'b' %}{{ ('a' * 9000000).rfind(b) }}",
                "{% set b = 'a' * 4000000 ~ 'b' %}{{ ('a' * 9000000).split(b) }}",
                "{% set b = 'a' * 4000000 ~ 'b' %}{{ ('a' * 9000000).replace(b, '') }}",
                "{% set b = 'a' * 4000000 ~ 'b' %}{{ ('a' * 9000000).partition(b) }}",
                "{% set b = 'a' * 4000000 ~ 'b' %}{{ ('a' * 9000000).count(b) }}",
                "{% set t = 'x' * 9000000 %}{% for i in range(99999) %}{% set u = t.isalpha() %}{% endfor %}",
                "{% set t = 'x' * 9000000 %}{% for i in range(99999) %}{% set u = t.upper() %}{% endfor %}",
                "{% set t = 'x' * 9000000 %}{% for i in range(99999) %}{% set u = t | trim %}{% endfor %}",
                "{% set t = 'x' * 9000000 %}{% for i in range(99999) %}{% set u = t | length %}{% endfor %}",
                "{% set t = 'x' * 9000000 %}{% for i in range(99999) %}{% set u = t[5] %}{% endfor %}",
                "{% set t = 'x' * 9000000 %}{% for i in range(99999) %}{% set u = t[:9] %}{% endfor %}",
                "{% set t = 'x' * 9000000 %}{% set u = 'x' * 9000000 %}{% for i in range(99999) %}{% set v = t == u %}{% endfor %}",
                "{% set t = 'x' * 9000000 %}{% set u = 'x' * 9000000 %}{% for i in range(99999) %}{% set v = t < u %}{% endfor %}",
                "{% set t = 'x' * 9000000 %}{% set u = 'x' * 9000000 %}{% for i in range(99999) %}{% set v = t.startswith(u) %}{% endfor %}",
                "{% set t = 'x' * 9000000 %}{% set u = 'x' * 9000000 %}{% for i in range(99999) %}{% set v = t.removesuffix(u) %}{% endfor %}",
                "{{ ('x' * 9000000) | list }}",
                "{{ range(-9223372036854775807, 9223372036854775807) }}",
                "{{ range(0, 9223372036854775807, 0) }}"
            })
    void whatDoesNotEndIsAnErrorWithItsLine(String source) {
        assertThatThrownBy(() -> render("{# first line #}\n" + source))
                .isInstanceOf(JinjaException.class)
                .hasMessageStartingWith("line 2: ");
    }

    @Test
    void longTextsAreFoundCutAndStripped() {
        assertThat(
                        render(
                                "{% set b = 'ab' * 50 %}{% set t = 'a' * 200 ~ b ~ 'c' ~ b ~ 'a' %}"
                                        + "{{ t.find(b) }} {{ t.rfind(b) }} {{ t.split(b) | length }} {{ b in t }} {{ b ~ 'd' in t }} {{ t.find('') }} {{ ''.find(b) }}"))
                .isEqualTo("200 301 3 True False 0 -1");
        assertThat(
                        render(
                                "{{ 'caf\u00e9\ud83d\ude00!'[4] }}{{ 'caf\u00e9\ud83d\ude00!'[-1] }}{{ 'caf\u00e9\ud83d\ude00!'[3:5] }}"
                                        + "{{ 'caf\u00e9\ud83d\ude00!'[5:2] }}{{ 'abc'[-9:9] }}{{ 'abc'[9:] }}{{ 'abc'[::-1] }}"))
                .isEqualTo("\ud83d\ude00!\u00e9\ud83d\ude00abccba");
        assertThat(render("{{ ('x' * 3000000).strip('y' * 3000000 ~ 'x') }}{{ 'yxay'.strip('xy') }}"))
                .isEqualTo("a");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ messages | items }}",
                "{{ 'x' | dictsort }}",
                "{{ 'x' | replace }}",
                "{{ 'x'.startswith() }}",
                "{{ strftime_now() }}",
                "{{ 9223372036854775807 + 1 }}",
                "{{ 3 ** 99 }}",
                "{{ 4 % 0 }}",
                "{{ 4 is divisibleby(0) }}",
                "{{ {[1]: 2} }}",
                "{{ messages.content.x }}",
                "{% set a, b = [1] %}",
                "{{ 1 < 'a' }}",
                "{{ cycle() }}",
                "{{ none | sum }}",
                "{{ 9999999999999999999 }}",
                "{{ '\\uZZZZ' }}",
                "{{ '\\UFFFFFFFF' }}",
                "{{ x.99999999999999999999 }}"
            })
    void whatHasNoMeaningIsAnErrorWithItsLine(String source) {
        assertThatThrownBy(() -> render("\n\n" + source))
                .isInstanceOf(JinjaException.class)
                .hasMessageStartingWith("line 3: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", "[", "{'a': ", "not ", "- "})
    void whatIsNestedTooDeeplyIsAnError(String opening) {
        assertThatThrownBy(() -> render("{{ " + opening.repeat(100_000) + "1 }}"))
                .isInstanceOf(JinjaException.class)
                .hasMessageMatching("its .* nested too deeply|line 1: .*");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1 + ", "'a' ~ ", "a.b.c | d | ", "1 and ", "x == "})
    @Timeout(20)
    void manyOperatorsAreParsedInTimeThatGrowsWithTheirNumber(String operand) {
        try {
            render("{{ " + operand.repeat(50_000) + "1 }}");
        } catch (JinjaException e) {
            assertThat(e.getMessage()).containsAnyOf("nested too deeply", "line 1: ");
        }
    }

    @Test
    void aRecursionWithoutEndIsAnError() {
        assertThatThrownBy(() -> render("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}"))
                .isInstanceOf(JinjaException.class)
                .hasMessageContaining("nested too deeply");
    }

    @Test
    void whatTheTemplateRaisesHasNoLine() {
        assertThatThrownBy(() -> render("\n{{ raise_exception('roles must alternate') }}"))
                .isInstanceOf(JinjaException.class)
                .hasMessage("roles must alternate");
    }

    @Test
    void aLongConversationIsFarBelowTheLimits() {
        List<Map<String, String>> turns = new ArrayList<>();
        for (int i = 0; i < 2001; i++) {
            turns.add(Map.of(
                    "role", i == 0 ? "system" : i % 2 == 1 ? "user" : "assistant", "content", "words ".repeat(100)));
        }
        assertThat(JinjaTemplate.parse(CHAT, Clock.systemUTC())
                        .render(Map.of("messages", turns, "add_generation_prompt", false))
                        .text())
                .hasSizeGreaterThan(1_000_000);
    }

    @Test
    void adjacentValuesAreAsInPython() {
        assertThat(render("{{ 'abc'.replace('', '-') }} {{ 'abc'.replace('', '-', 2) }} {{ '' .replace('', 'x') }}"))
                .isEqualTo("-a-b-c- -a-bc x");
        assertThat(
                        render(
                                "{{ 2 ** 10 }} {{ 0 ** 0 }} {{ (-1) ** 3 }} {{ 'x' * -1 }}|{{ [] | max }}|{{ 'a' | float }}|{{ none | int }}"))
                .isEqualTo("1024 1 -1 ||0.0|0");
        assertThat(render("{{ range(5, 0, -2) }} {{ range(0, 100000) | length }}"))
                .isEqualTo("[5, 3, 1] 100000");
    }

    @Test
    void damagedTemplatesRenderOrAreAnError() {
        List<String> pieces = List.of(
                "{{",
                "}}",
                "{%",
                "%}",
                "(",
                ")",
                "[",
                "]",
                "|",
                ".",
                "'",
                "-",
                "*",
                "~",
                "\n",
                " if ",
                " in ",
                " is ",
                "9223372036854775807",
                "0",
                "none",
                " | tojson",
                " | int",
                " | items",
                ":-1",
                "{% endfor %}",
                "{% else %}",
                "\\u12",
                "()");
        int rendered = 0;
        int refused = 0;
        for (int seed = 0; seed < 1500; seed++) {
            Random random = new Random(seed);
            StringBuilder source = new StringBuilder(CHAT);
            for (int i = 1 + random.nextInt(2); i > 0; i--) {
                int at = random.nextInt(source.length() - 8);
                int cut = random.nextInt(4);
                String piece = random.nextInt(4) == 0 ? "" : pieces.get(random.nextInt(pieces.size()));
                source.replace(at, at + cut, piece);
            }
            try {
                render(source.toString());
                rendered++;
            } catch (JinjaException e) {
                assertThat(e.getMessage())
                        .as(source.toString())
                        .matches("(?s)line \\d+: .*|roles.*|its .* nested too deeply");
                refused++;
            }
        }
        assertThat(rendered).isGreaterThan(50);
        assertThat(refused).isGreaterThan(50);
    }
}
