package io.github.rlhf4j.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Expected texts are Jinja2's (3.1, trim_blocks and lstrip_blocks on, as transformers sets them). */
class JinjaTemplateTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-03-07T15:04:05Z"), ZoneOffset.UTC);

    @ParameterizedTest
    @CsvSource(delimiter = '§', quoteCharacter = '`', textBlock = """
            {{ 1 + 2 * 3 - 4 // 3 }} {{ 7 % 3 }} {{ -7 // 2 }} {{ 1 / 2 }} {{ 2 ** 3 }}  § `6 1 -4 0.5 8`
            {{ 'a' ~ 1 ~ true ~ none }} {{ 'ab' * 2 }} {{ missing }}                     § `a1TrueNone abab `
            {{ [1, 'a', none, 1.0, {'k': (1,)}] }}                                       § `[1, 'a', None, 1.0, {'k': (1,)}]`
            {{ 1 < 2 <= 2 }} {{ 'a' in 'cat' }} {{ 3 not in [1, 2] }} {{ not 1 == 1.0 }} § `True True True False`
            {{ 'x' if false }}{{ 'y' if 0 else 'z' }} {{ missing or 'd' }} {{ 0 and 1 }} § `z d 0`
            {{ 'abcdef'[1:4] }} {{ [1,2,3][::-1] }} {{ [1,2,3][-1] }} {{ 'abc'[5] }}     § `bcd [3, 2, 1] 3 `
            {{ ' a '.strip() }} {{ 'a-b'.split('-')[-1] }} {{ 'xxaxx'.lstrip('x') }}     § `a b axx`
            {{ 'abc'.startswith(('x', 'a')) }} {{ 'a' is string }} {{ 1 is not string }} § `True True True`
            {{ {'b': 1}.get('c', 2) }} {{ {'b': 1}.items() | list }} {{ {'a': 1}.a }}    § `2 [('b', 1)] 1`
            {{ [3, 1] | sort | join(',') }} {{ 'aBc' | upper }} {{ [1] | first }}        § `1,3 ABC 1`
            {{ 'é"' | tojson }} {{ {'a': [1, true, none]} | tojson }}                    § `"é\\"" {"a": [1, true, null]}`
            {{ missing is defined }} {{ missing | default('d') }} {{ '' | d('e', true) }} § `False d e`
            {{ strftime_now('%d %b %Y %-d') }}                                           § `07 Mar 2026 7`
            {{ range(1, 6, 2) | list }} {{ 1e-5 }} {{ 1e16 }} {{ 123456789.5 }}          § `[1, 3, 5] 1e-05 1e+16 123456789.5`
            """)
    void expressions(String source, String expected) {
        assertThat(render(source)).isEqualTo(expected);
    }

    @Test
    void blocksTrimTheirLineAndMinusTrimsMore() {
        assertThat(render("a\n  {% if true %}\n  b\n  {% endif %}\nc\n")).isEqualTo("a\n  b\nc");
        assertThat(render("a\n  {%- if true -%}\n  b\n  {%- endif %}\nc")).isEqualTo("abc");
        assertThat(render("a  {{- 'b' -}}  c {# note #}\nd")).isEqualTo("abc d");
        assertThat(render("  {%+ if true +%}\nx{% endif %}")).isEqualTo("  \nx");
        assertThat(render("  {{ 1 }}\n")).isEqualTo("  1");
    }

    @Test
    void loopsKnowWhereTheyAre() {
        assertThat(render("{% for x in [1, 2, 3, 4] if x != 3 %}{{ loop.index }}/{{ loop.length }}{{ loop.previtem }}"
                        + "{% if not loop.last %},{% endif %}{% else %}none{% endfor %}"))
                .isEqualTo("1/3,2/31,3/32");
        assertThat(render("{% for k, v in {'a': 1, 'b': 2}.items() %}{{ k }}{{ v }}{% if v == 1 %}{% continue %}"
                        + "{% endif %}!{% break %}{% endfor %}"))
                .isEqualTo("a1b2!");
        assertThat(render("{% for x in [] %}{% else %}none{% endfor %}")).isEqualTo("none");
    }

    @Test
    void whatIsSetInALoopStaysThereExceptInANamespace() {
        assertThat(render("{% set x = 1 %}{% set ns = namespace(y=1) %}{% for i in [5] %}{% set x = i %}"
                        + "{% set ns.y = i %}{{ x }}{% endfor %}{{ x }}{{ ns.y }}"))
                .isEqualTo("515");
        assertThat(render("{% if true %}{% set x = 2 %}{% endif %}{{ x }}")).isEqualTo("2");
    }

    @Test
    void macrosTakeDefaultsAndNamesAndCallers() {
        assertThat(render("{% macro m(a, b='-') %}<{{ a }}{{ b }}>{% endmacro %}{{ m(1) }}{{ m(b=2, a=3) }}"))
                .isEqualTo("<1-><32>");
        assertThat(render("{% macro m() %}[{{ caller() }}]{% endmacro %}{% call m() %}x{% endcall %}"))
                .isEqualTo("[x]");
        assertThat(render("{% set t %}a{{ 1 }}{% endset %}{{ t | length }}{% raw %}{{ x }}{% endraw %}"))
                .isEqualTo("2{{ x }}");
    }

    @Test
    void jsonIsIndentedAsPythonDoes() {
        assertThat(render("{{ {'a': [1, {}], 'b': []} | tojson(indent=2) }}"))
                .isEqualTo("{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}");
    }

    @Test
    void generationBlocksSayWhereTheyAre() {
        JinjaTemplate.Rendered rendered = JinjaTemplate.parse(
                        "a{% generation %}bc{{ x }}{% endgeneration %}d{% generation %}e{% endgeneration %}", CLOCK)
                .render(Map.of("x", "é"));
        assertThat(rendered.text()).isEqualTo("abcéde");
        assertThat(rendered.generated()).containsExactly(new JinjaTemplate.Span(1, 4), new JinjaTemplate.Span(5, 6));
    }

    @Test
    void variablesMayHoldNulls() {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("content", null);
        assertThat(JinjaTemplate.parse("{{ m.content is none }}{{ n }}", CLOCK)
                        .render(Map.of("m", message, "n", Arrays.asList(1, null)))
                        .text())
                .isEqualTo("True[1, None]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '§', textBlock = """
            {{ raise_exception('roles must alternate') }} § roles must alternate
            {{ missing.x }}                               § undefined
            {{ [].append(1) }}                            § unsafe
            {{ 1 + 'a' }}                                 § cannot compute
            {% if x %}                                    § line 1
            {{ x                                          § not closed
            {% include 'x' %}                             § not supported
            {{ x | nofilter }}                            § nofilter
            {% endif %}                                   § no beginning
            """)
    void mistakesAreExplained(String source, String message) {
        assertThatThrownBy(() -> render(source))
                .isInstanceOf(JinjaException.class)
                .hasMessageContaining(message);
    }

    private static String render(String source) {
        return JinjaTemplate.parse(source, CLOCK)
                .render(Map.of("list", List.of()))
                .text();
    }
}
