package io.github.rlhf4j.core.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonSchemaGrammarTest {
    private static Grammar grammar(String schema) {
        return StructuredOutputs.json(schema.replace('\'', '"')).grammar();
    }

    private static void holds(String schema, List<String> valid, List<String> invalid) {
        Grammar grammar = grammar(schema);
        for (String text : valid) {
            assertThat(grammar.accepts(text.replace('\'', '"'))).as(text).isTrue();
        }
        for (String text : invalid) {
            assertThat(grammar.accepts(text.replace('\'', '"'))).as(text).isFalse();
        }
    }

    @Test
    void anObjectHasItsRequiredMembersInOrderAndOthersWhereTheyMayBe() {
        String schema =
                "{'type':'object','properties':{'a':{'type':'integer'},'b':{'type':'string'},'c':{'type':'boolean'}},'required':['b'],'additionalProperties':false}";
        holds(
                schema,
                List.of("{'b':''}", "{'a':1,'b':'x'}", "{'a': 1, 'b': 'x', 'c': true}", "{'b':'x','c':false}"),
                List.of(
                        "{}",
                        "{'a':1}",
                        "{'c':true,'b':''}",
                        "{'b':'x',}",
                        "{'b':'x','d':1}",
                        "{'a':1 'b':''}",
                        "{,'b':''}",
                        "{'b':1}"));
        holds(
                "{'type':'object','properties':{'a':{'type':'null'}},'additionalProperties':{'type':'integer'}}",
                List.of("{}", "{'a':null}", "{'a':null,'x':1,'':2}", "{'y':1}", "{'aa':1}"),
                List.of("{'a':1}", "{'x':null}", "{'a':null,'a':1}"));
    }

    @Test
    void recursionGoesAsDeepAsTheTextDoes() {
        String tree =
                "{'type':'object','properties':{'v':{'type':'integer'},'kids':{'type':'array','items':{'$ref':'#'}}},'required':['v','kids'],'additionalProperties':false}";
        StringBuilder deep = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            deep.append("{'v':1,'kids':[");
        }
        String open = deep.toString();
        holds(
                tree,
                List.of(
                        "{'v':1,'kids':[]}",
                        open + "]}".repeat(200),
                        "{'v':1,'kids':[{'v':2,'kids':[]}, {'v':3,'kids':[]}]}"),
                List.of(open + "]}".repeat(199), open + "]}".repeat(201), "{'v':1,'kids':[1]}"));
        holds(
                "{'$ref':'#/$defs/list','$defs':{'list':{'anyOf':[{'type':'null'},{'type':'object','properties':{'next':{'$ref':'#/$defs/list'}},'required':['next'],'additionalProperties':false}]}}}",
                List.of("null", "{'next':null}", "{'next':{'next':null}}"),
                List.of("{}", "{'next':{}}"));
    }

    @Test
    void stringsHaveTheirLengthPatternAndFormatInCharacters() {
        holds(
                "{'type':'string','minLength':2,'maxLength':3}",
                List.of("'ab'", "'日本語'", "'😀😀'", "'a\\u0041'", "'\\n\\''".replace("\\''", "\\\"'")),
                List.of("'a'", "'abcd'", "''", "'😀'", "'\\ud83d\\ude00a'"));
        holds(
                "{'type':'string','pattern':'^[A-Z]+$','minLength':2}",
                List.of("'AB'", "'ABCDE'"),
                List.of("'A'", "'aB'", "'AB '"));
        holds("{'type':'string','pattern':'b'}", List.of("'abc'", "'b'"), List.of("'ac'", "''"));
        holds(
                "{'type':'string','format':'date'}",
                List.of("'2024-02-29'", "'2023-12-31'"),
                List.of("'2023-02-29'", "'2023-04-31'", "'0000-01-01'"));
        holds(
                "{'type':'string','format':'ipv4'}",
                List.of("'255.0.10.1'"),
                List.of("'256.0.0.1'", "'1.2.3'", "'01.2.3.4'"));
        holds(
                "{'type':'string','format':'ipv6'}",
                List.of("'::'", "'::1'", "'1::'", "'1:2:3:4:5:6:7:8'", "'a::b'"),
                List.of("':'", "'1::2::3'", "'1:2:3:4:5:6:7'", "'12345::'"));
        holds(
                "{'type':'string','format':'uuid'}",
                List.of("'2eb8aa08-aa98-11ea-b4aa-73b441d16380'"),
                List.of("'2eb8aa08'"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "'minimum':0,'maximum':10; 0 5 10 10.0 0.5 9.99; -1 11 10.01 -0.5 -0",
                "'minimum':-2.5,'maximum':3.25; -2.5 -2.49 3.25 3.2 0 -0.1 3; -2.51 3.26 -3 4 3.251",
                "'exclusiveMinimum':0; 0.1 1 10000; 0 -1 0.0",
                "'exclusiveMinimum':-1,'exclusiveMaximum':1; 0 0.99 -0.99; 1 -1 1.0 -1.0 -1.5",
                "'minimum':1.23,'exclusiveMaximum':1.5; 1.23 1.3 1.49 1.499; 1.22 1.5 1.2 1",
                "'multipleOf':0.25; 0 0.25 0.5 1.75 -3.25 10; 0.1 0.251 1.3",
                "'multipleOf':7; 0 7 14 -21; 1 8 7.7",
                "'minimum':100,'multipleOf':30; 120 150 300; 90 100 130",
                "'maximum':-5; -5 -5.5 -1000; 0 5 -4.99 -4",
            })
    void numbersAreWithinTheirBounds(String bounds, String valid, String invalid) {
        holds("{'type':'number'," + bounds + "}", List.of(valid.split(" ")), List.of(invalid.split(" ")));
    }

    /** Every whole number near the bounds, by brute force. */
    @Test
    void integersAreExactlyThoseBetweenTheBounds() {
        int[][] bounds = {{0, 0}, {-7, 13}, {95, 1003}, {-1203, -98}, {9, 10}, {-1, 1}, {100, 100}};
        for (int[] bound : bounds) {
            Grammar grammar = grammar("{'type':'integer','minimum':" + bound[0] + ",'maximum':" + bound[1] + "}");
            for (int i = -1300; i <= 1300; i++) {
                assertThat(grammar.accepts("" + i))
                        .as(bound[0] + " <= " + i + " <= " + bound[1])
                        .isEqualTo(i >= bound[0] && i <= bound[1]);
            }
        }
        holds(
                "{'type':'integer'}",
                List.of("0", "-12", "123456789012345"),
                List.of("-0", "01", "1.0", "1e3", "+1", "1234567890123456"));
        holds("{'type':'number'}", List.of("0", "-1.5e-3", "1E5"), List.of("-0", "-0.0", ".5", "1.", "1e999", "NaN"));
        holds(
                "{'type':'integer','minimum':12345678901234567890}",
                List.of("12345678901234567890", "12345678901234567891"),
                List.of("12345678901234567889"));
    }

    @Test
    void anAnchorIsOfASchemaAndNotOfAConstant() {
        holds(
                "{'$defs':{'a':{'enum':[{'$anchor':'x','type':'null'}]},'b':{'$anchor':'x','type':'boolean'}},'$ref':'#x'}",
                List.of("true"),
                List.of("null"));
    }

    @Test
    void arraysEnumsAndUnions() {
        holds(
                "{'type':'array','items':{'type':'integer'},'minItems':1,'maxItems':3}",
                List.of("[1]", "[1, 2,3]"),
                List.of("[]", "[1,2,3,4]", "[1,]", "['a']"));
        holds(
                "{'type':'array','prefixItems':[{'type':'integer'},{'type':'string'}],'items':false}",
                List.of("[]", "[1]", "[1,'a']"),
                List.of("['a']", "[1,'a',2]"));
        holds(
                "{'type':'array','items':[{'type':'integer'}],'additionalItems':{'type':'null'},'minItems':2}",
                List.of("[1,null]", "[1,null,null]"),
                List.of("[1]", "[1,1]"));
        holds(
                "{'enum':['a',1,null,{'k':[1,true]}]}",
                List.of("'a'", "1", "null", "{'k':[1,true]}", "{'k': [1, true]}"),
                List.of("'b'", "2", "{'k':[1]}"));
        holds("{'enum':['a',1],'type':'string'}", List.of("'a'"), List.of("1"));
        holds("{'const':'a\\'b'}".replace("\\'", "\\\""), List.of("'a\\'b'".replace("\\'", "\\\"")), List.of("'ab'"));
        holds(
                "{'anyOf':[{'type':'string','maxLength':1},{'type':'integer'}]}",
                List.of("'a'", "12"),
                List.of("'ab'", "null"));
        holds("{'type':['string','null'],'maxLength':1}", List.of("null", "'a'"), List.of("'ab'", "1"));
        holds(
                "{'type':'object','properties':{'a':{'type':'integer'}},'anyOf':[{'required':['a']}],'additionalProperties':false}",
                List.of("{'a':1}"),
                List.of("{}"));
        holds("{}", List.of("1", "'x'", "[[],{}]", "{'a':{'b':[null]}}"), List.of("", "[", "{'a'}"));
        holds("true", List.of("1"), List.of(""));
    }

    @Test
    void oneOfSchemasThatExcludeEachOtherIsAnyOf() {
        holds(
                "{'oneOf':[{'type':'string'},{'type':['integer','null']},{'type':'array'}]}",
                List.of("'a'", "1", "null", "[1]"),
                List.of("1.5", "true", "{}"));
        holds("{'oneOf':[{'enum':['a',1]},{'const':'b'},false]}", List.of("'a'", "1", "'b'"), List.of("'c'"));
        String shapes =
                "{'type':'object','properties':{'shape':{'oneOf':[{'$ref':'#/$defs/circle'},{'$ref':'#/$defs/square'}]}},'required':['shape'],'additionalProperties':false,"
                        + "'$defs':{'circle':{'type':'object','properties':{'kind':{'const':'circle'},'r':{'type':'number'}},'required':['kind','r'],'additionalProperties':false},"
                        + "'square':{'type':'object','properties':{'kind':{'enum':['square','box']},'a':{'type':'number'}},'required':['a','kind'],'additionalProperties':false}}}";
        holds(
                shapes,
                List.of("{'shape':{'kind':'circle','r':1}}", "{'shape':{'kind':'box','a':2}}"),
                List.of("{'shape':{'kind':'circle','a':1}}", "{'shape':{'kind':'square'}}"));
        holds(
                "{'type':'string','oneOf':[{'enum':['a','b']},{'const':'c'}]}",
                List.of("'a'", "'c'"),
                List.of("'d'", "1"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{'type':'object','patternProperties':{}}; has the keyword patternProperties, which is not supported",
                "{'type':'string','minlength':2}; did you mean minLength?",
                "{'not':{}}; has the keyword not",
                "{'type':'object','minProperties':1}; has the keyword minProperties, which is not supported (nor is it by OpenAI's structured outputs)",
                "{'properties':{'a':{'oneOf':[]}}}; json schema #/properties/a has a oneOf that is no list of schemas",
                "{'oneOf':[{'type':'null'},{'type':'integer'},{'type':'number'}]}; #/oneOf has schemas 1 and 2 that one value may be valid under",
                "{'oneOf':[{'type':'string'},{'minimum':1}]}; #/oneOf has schemas 0 and 1",
                "{'oneOf':[{'type':'object','properties':{'k':{'const':1}},'required':['k']},{'type':'object','properties':{'k':{'const':1.0}},'required':['k']}]}; schemas 0 and 1",
                "{'oneOf':[{'type':'object','properties':{'k':{'const':1}},'required':['k']},{'type':'object','properties':{'k':{'const':2}}}]}; schemas 0 and 1",
                "{'oneOf':[{'enum':[[1]]},{'enum':[[1.0]]}]}; schemas 0 and 1",
                "{'oneOf':[{'type':'null'},{'type':'string'}],'anyOf':[{'type':'null'}]}; has anyOf beside oneOf",
                "{'type':'strin'}; has the type strin",
                "{'$ref':'#/$defs/none'}; refers to #/$defs/none, which the schema does not have",
                "{'$ref':'https://example.com/x'}; must be within the schema",
                "{'$ref':'#'}; matches no text at all",
                "{'anyOf':[{'$ref':'#'},{'type':'null'}]}; refers to itself without writing anything",
                "false; matches no text at all",
                "{'type':'object','properties':{'a':{'$ref':'#'}},'required':['a']}; matches no text at all",
                "{'type':'integer','minimum':5,'maximum':4}; matches no text at all",
                "{'type':'string','format':'iri'}; supported: date, date-time",
                "{'type':'string','pattern':'(?=a)'}; json schema # pattern",
                "{'type':'string','maxLength':-1}; must be a whole number from 0",
                "{'type':'number','multipleOf':0}; must be > 0",
                "[1]; is no schema",
                "{'type':; is not valid JSON",
                "{'allOf':[{'properties':{'a':{}}},{'properties':{'b':{}}}]}; properties",
            })
    void whatIsNotUnderstoodIsSaidInALine(String schema, String problem) {
        assertThatThrownBy(() -> grammar(schema))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("json schema")
                .hasMessageContaining(problem)
                .hasMessageNotContaining("\n");
    }
}
