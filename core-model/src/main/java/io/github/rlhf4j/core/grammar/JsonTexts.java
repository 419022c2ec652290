package io.github.rlhf4j.core.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The parts of JSON that a grammar is made of: any value, strings, keys, literals, and where a space may be. */
final class JsonTexts {
    private final GrammarBuilder grammar;
    private int value = -1; // rules, made when they are first needed
    private int string = -1;

    JsonTexts(GrammarBuilder grammar) {
        this.grammar = grammar;
    }

    /** The rule of any string. */
    int string() {
        if (string < 0) {
            string = grammar.rule();
            Dfa any = Dfa.of(Regex.ANYTHING, "string");
            string(grammar.start(string), any, grammar.end(string));
        }
        return string;
    }

    /** A string whose contents an automaton accepts. */
    void string(int from, Dfa contents, int to) {
        int end = grammar.state();
        grammar.embed(grammar.text(from, "\""), contents, Spelling.JSON_STRING, end);
        grammar.jump(grammar.text(end, "\""), to);
    }

    /** A comma, perhaps with a space; what follows it. */
    int comma(int from) {
        return space(grammar.text(from, ","));
    }

    private int space(int from) {
        int to = grammar.state();
        grammar.jump(from, to);
        grammar.bytes(from, ' ', ' ', to);
        return to;
    }

    /** A key with its colon; what follows it. */
    int key(int from, String name) {
        return space(grammar.text(from, JsonNodeFactory.instance.textNode(name).toString() + ":"));
    }

    /** A key that is none of some; what follows it. */
    int otherKey(int from, List<String> names, String where) {
        int end = grammar.state();
        if (names.isEmpty()) {
            grammar.call(from, string(), end);
        } else {
            Regex some = new Regex.Either(names.stream().map(Regex::text).toList());
            string(from, Dfa.of(some, where).not(), end);
        }
        return space(grammar.text(end, ":"));
    }

    /** A value as it is; where it ends. */
    int literal(int from, JsonNode node) {
        if (node.isObject()) {
            int at = grammar.text(from, "{");
            boolean isFirst = true;
            for (Map.Entry<String, JsonNode> member : node.properties()) {
                at = literal(key(isFirst ? at : comma(at), member.getKey()), member.getValue());
                isFirst = false;
            }
            return grammar.text(at, "}");
        }
        if (node.isArray()) {
            int at = grammar.text(from, "[");
            boolean isFirst = true;
            for (JsonNode item : node) {
                at = literal(isFirst ? at : comma(at), item);
                isFirst = false;
            }
            return grammar.text(at, "]");
        }
        return grammar.text(from, node.toString());
    }

    /** The rule of any value. */
    int value() {
        if (value >= 0) {
            return value;
        }
        int any = grammar.rule();
        value = any;
        int from = grammar.start(any);
        int to = grammar.end(any);
        for (String word : List.of("true", "false", "null")) {
            grammar.jump(grammar.text(from, word), to);
        }
        grammar.call(from, string(), to);
        NumberLanguage numbers =
                new NumberLanguage(false, Optional.empty(), false, Optional.empty(), false, Optional.empty());
        grammar.embed(from, numbers.automaton("number"), Spelling.PLAIN, to);
        array(any, from, to);
        object(any, from, to);
        return any;
    }

    private void array(int item, int from, int to) {
        int at = grammar.text(from, "[");
        int after = grammar.state();
        int end = grammar.state();
        grammar.jump(at, end);
        grammar.call(at, item, after);
        grammar.call(comma(after), item, after);
        grammar.jump(after, end);
        grammar.jump(grammar.text(end, "]"), to);
    }

    private void object(int item, int from, int to) {
        int at = grammar.text(from, "{");
        int key = grammar.state();
        int after = grammar.state();
        int end = grammar.state();
        grammar.jump(at, end);
        grammar.jump(at, key);
        grammar.call(otherKey(key, List.of(), "object"), item, after);
        grammar.jump(comma(after), key);
        grammar.jump(after, end);
        grammar.jump(grammar.text(end, "}"), to);
    }
}
