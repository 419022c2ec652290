package io.github.rlhf4j.core.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The texts of JSON that are valid under a schema, as a grammar. Properties come in the schema's order; one space may follow a colon or a comma. Where a schema allows more than OpenAI's structured outputs do, fewer
 * texts than are valid may be in the grammar, but none that are not.
 */
final class JsonSchemaGrammar {
    private static final int MOST_ITEMS = 100_000;
    private static final List<String> TYPES =
            List.of("object", "array", "string", "number", "integer", "boolean", "null");

    private final JsonNode root;
    private final GrammarBuilder grammar;
    private final JsonTexts texts;
    private final Map<String, Integer> rules = new HashMap<>(); // of references; looked up only

    JsonSchemaGrammar(JsonNode root, GrammarBuilder grammar) {
        this.root = root;
        this.grammar = grammar;
        int whole = grammar.rule();
        this.texts = new JsonTexts(grammar);
        rules.put("#", whole);
        emit(root, grammar.what() + " #", grammar.start(whole), grammar.end(whole));
    }

    static Grammar of(JsonNode schema, String what, CodePoints writable) {
        GrammarBuilder grammar = new GrammarBuilder(what, writable);
        new JsonSchemaGrammar(schema, grammar);
        return grammar.build();
    }

    /** The values of a schema between two states. */
    private void emit(JsonNode schema, String where, int from, int to) {
        if (schema.isBoolean()) {
            if (schema.booleanValue()) {
                grammar.call(from, texts.value(), to);
            }
            return;
        }
        if (!(schema instanceof ObjectNode object)) {
            throw new UserError(where + " is no schema: it must be an object, true or false");
        }
        SchemaKeywords.check(object, where);
        if (object.has("$ref")) {
            reference(object, where, from, to);
        } else if (object.has("const") || object.has("enum")) {
            constants(object, where, from, to);
        } else if (object.has("allOf")) {
            emit(withAll(object, where), where, from, to);
        } else if (object.has("oneOf")) {
            emit(withAny(object, where), where, from, to);
        } else if (object.has("anyOf")) {
            either(object, where, from, to);
        } else {
            typed(object, where, from, to);
        }
    }

    private void reference(ObjectNode schema, String where, int from, int to) {
        for (String keyword : SchemaKeywords.assertions(schema)) {
            if (!keyword.equals("$ref")) {
                throw new UserError(
                        where + " has " + keyword + " beside $ref, which is not supported: write them as one schema");
            }
        }
        String reference = schema.path("$ref").asText();
        Integer known = rules.get(reference);
        if (known == null) {
            JsonNode target = new SchemaReference(root).find(reference, where);
            known = grammar.rule();
            rules.put(reference, known);
            emit(target, grammar.what() + " " + reference, grammar.start(known), grammar.end(known));
        }
        grammar.call(from, known, to);
    }

    private void constants(ObjectNode schema, String where, int from, int to) {
        for (String keyword : SchemaKeywords.assertions(schema)) {
            if (!List.of("const", "enum", "type").contains(keyword)) {
                throw new UserError(where + " has " + keyword
                        + " beside enum or const, which is not supported: leave out the values that it forbids");
            }
        }
        JsonNode values = schema.path("enum");
        if (schema.has("enum") && !values.isArray()) {
            throw new UserError(where + " has an enum that is no list");
        }
        List<JsonNode> allowed = new ArrayList<>();
        values.forEach(allowed::add);
        if (schema.has("const")) {
            JsonNode only = schema.path("const");
            if (schema.has("enum") && !allowed.contains(only)) {
                return; // nothing is both
            }
            allowed = List.of(only);
        }
        List<String> types = schema.has("type") ? types(schema, where) : TYPES;
        for (JsonNode value : allowed) {
            if (types.stream().anyMatch(type -> isOfType(value, type))) {
                grammar.jump(texts.literal(from, value), to);
            }
        }
    }

    private static boolean isOfType(JsonNode value, String type) {
        return switch (type) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isTextual();
            case "number" -> value.isNumber();
            case "integer" -> value.isNumber() && isWhole(value.decimalValue());
            case "boolean" -> value.isBoolean();
            default -> value.isNull();
        };
    }

    private static boolean isWhole(BigDecimal value) {
        return value.stripTrailingZeros().scale() <= 0;
    }

    private static List<String> types(ObjectNode schema, String where) {
        List<String> types = SchemaKeywords.types(schema.path("type"));
        for (String type : types) {
            if (!TYPES.contains(type)) {
                throw new UserError(where + " has the type " + type + ", but it must be one of "
                        + String.join(", ", TYPES) + ", or a list of them");
            }
        }
        return types;
    }

    /** With the schemas of allOf merged into it. */
    private JsonNode withAll(ObjectNode schema, String where) {
        ObjectNode rest = schema.deepCopy();
        JsonNode all = rest.remove("allOf");
        if (!all.isArray()) {
            throw new UserError(where + " has an allOf that is no list");
        }
        JsonNode merged = rest;
        for (JsonNode part : all) {
            if (part.isBoolean()) {
                if (part.booleanValue()) {
                    continue;
                }
                return part;
            }
            JsonNode resolved = part.has("$ref")
                            && SchemaKeywords.assertions(part).size() == 1
                            && (all.size() > 1
                                    || !SchemaKeywords.assertions(rest).isEmpty())
                    ? new SchemaReference(root).find(part.path("$ref").asText(), where)
                    : part;
            if (!resolved.isObject()) {
                throw new UserError(where + " has an allOf of what is no schema");
            }
            SchemaKeywords.check(resolved, where + "/allOf");
            merged = SchemaKeywords.both(merged, resolved, where);
        }
        return merged;
    }

    /** With anyOf in the place of oneOf, whose schemas exclude each other. */
    private JsonNode withAny(ObjectNode schema, String where) {
        JsonNode options = schema.path("oneOf");
        if (!options.isArray() || options.isEmpty()) {
            throw new UserError(where + " has a oneOf that is no list of schemas");
        }
        if (schema.has("anyOf")) {
            throw new UserError(where + " has anyOf beside oneOf, which is not supported: write them as one schema");
        }
        new ExclusiveSchemas(option -> resolved(option, where)).require(options, where + "/oneOf");
        ObjectNode any = schema.deepCopy();
        any.remove("oneOf");
        return any.set("anyOf", options);
    }

    private JsonNode resolved(JsonNode schema, String where) {
        return schema.has("$ref")
                ? new SchemaReference(root).find(schema.path("$ref").asText(), where)
                : schema;
    }

    private void either(ObjectNode schema, String where, int from, int to) {
        ObjectNode rest = schema.deepCopy();
        JsonNode options = rest.remove("anyOf");
        if (!options.isArray() || options.isEmpty()) {
            throw new UserError(where + " has an anyOf that is no list of schemas");
        }
        boolean isAlone = SchemaKeywords.assertions(rest).isEmpty();
        int number = 0;
        for (JsonNode option : options) {
            String there = where + "/anyOf/" + number++;
            if (isAlone || option.isBoolean() && !option.booleanValue()) {
                emit(option, there, from, to);
            } else if (option.isBoolean()) {
                emit(rest, there, from, to);
            } else {
                SchemaKeywords.check(option, there);
                emit(SchemaKeywords.both(rest, option, there), there, from, to);
            }
        }
    }

    private void typed(ObjectNode schema, String where, int from, int to) {
        List<String> types = schema.has("type") ? types(schema, where) : SchemaKeywords.impliedTypes(schema);
        if (types.isEmpty() && !schema.has("type")) {
            grammar.call(from, texts.value(), to);
            return;
        }
        boolean hasNumber = types.contains("number");
        for (String type : types) {
            switch (type) {
                case "object" -> object(schema, where, from, to);
                case "array" -> array(schema, where, from, to);
                case "string" -> string(schema, where, from, to);
                case "number" -> number(schema, where, false, from, to);
                case "integer" -> {
                    if (!hasNumber) {
                        number(schema, where, true, from, to);
                    }
                }
                case "boolean" -> {
                    grammar.jump(grammar.text(from, "true"), to);
                    grammar.jump(grammar.text(from, "false"), to);
                }
                default -> grammar.jump(grammar.text(from, "null"), to);
            }
        }
    }

    private void string(ObjectNode schema, String where, int from, int to) {
        int least = count(schema, "minLength", where, 0);
        int most = count(schema, "maxLength", where, Regex.Repeat.UNBOUNDED);
        Optional<Dfa> held = Optional.empty();
        if (schema.has("pattern")) {
            Regex pattern = RegexParser.parse(schema.path("pattern").asText(), where + " pattern");
            held = Optional.of(Dfa.of(Regex.within(pattern), where + " pattern"));
        }
        if (schema.has("format")) {
            String format = schema.path("format").asText();
            Regex texts = StringFormats.of(format)
                    .orElseThrow(() -> new UserError(where + " has the format " + format
                            + ", which is not supported; supported: " + StringFormats.names()));
            Dfa ofFormat = Dfa.of(texts, where + " format");
            held = Optional.of(held.map(dfa -> dfa.and(ofFormat, where)).orElse(ofFormat));
        }
        if (least > 0 || most >= 0) {
            if (most >= 0 && most < least) {
                return;
            }
            Dfa length = Dfa.of(new Regex.Repeat(new Regex.One(CodePoints.ALL), least, most), where + " maxLength");
            held = Optional.of(held.map(dfa -> dfa.and(length, where)).orElse(length));
        }
        if (held.isEmpty()) {
            grammar.call(from, texts.string(), to);
        } else if (!held.get().isEmpty()) {
            texts.string(from, held.get(), to);
        }
    }

    private void number(ObjectNode schema, String where, boolean isInteger, int from, int to) {
        Optional<BigDecimal> least = decimal(schema, "minimum", where);
        Optional<BigDecimal> most = decimal(schema, "maximum", where);
        Optional<BigDecimal> above = decimal(schema, "exclusiveMinimum", where);
        Optional<BigDecimal> below = decimal(schema, "exclusiveMaximum", where);
        boolean isAbove = above.isPresent() && (least.isEmpty() || above.get().compareTo(least.get()) >= 0);
        boolean isBelow = below.isPresent() && (most.isEmpty() || below.get().compareTo(most.get()) <= 0);
        Optional<BigDecimal> multipleOf = decimal(schema, "multipleOf", where);
        if (multipleOf.isPresent() && multipleOf.get().signum() <= 0) {
            throw new UserError(where + " has multipleOf " + multipleOf.get() + ", but it must be > 0");
        }
        NumberLanguage numbers = new NumberLanguage(
                isInteger, isAbove ? above : least, isAbove, isBelow ? below : most, isBelow, multipleOf);
        Dfa automaton = numbers.automaton(where);
        if (!automaton.isEmpty()) {
            grammar.embed(from, automaton, Spelling.PLAIN, to);
        }
    }

    private static Optional<BigDecimal> decimal(ObjectNode schema, String keyword, String where) {
        JsonNode value = schema.path(keyword);
        if (value.isMissingNode()) {
            return Optional.empty();
        }
        if (!value.isNumber()) {
            throw new UserError(where + " has " + keyword + " " + value + ", but it must be a number");
        }
        return Optional.of(value.decimalValue());
    }

    private static int count(ObjectNode schema, String keyword, String where, int absent) {
        JsonNode value = schema.path(keyword);
        if (value.isMissingNode()) {
            return absent;
        }
        if (!value.isNumber()
                || !isWhole(value.decimalValue())
                || value.decimalValue().signum() < 0
                || value.decimalValue().compareTo(BigDecimal.valueOf(MOST_ITEMS)) > 0) {
            throw new UserError(where + " has " + keyword + " " + value + ", but it must be a whole number from 0 to "
                    + MOST_ITEMS);
        }
        return value.decimalValue().intValue();
    }

    private void array(ObjectNode schema, String where, int from, int to) {
        ArrayItems items = ArrayItems.of(schema, where);
        int least = count(schema, "minItems", where, 0);
        int most = Math.min(count(schema, "maxItems", where, Integer.MAX_VALUE), items.most());
        int loopFrom = Math.max(Math.max(least, items.prefix().size()), 1);
        int end = grammar.state();
        grammar.jump(grammar.text(end, "]"), to);
        int at = grammar.text(from, "[");
        int rest = Integer.MIN_VALUE;
        for (int count = 0; ; count++) {
            if (count >= least) {
                grammar.jump(at, end);
            }
            if (count >= most) {
                return;
            }
            int next = count == 0 ? at : texts.comma(at);
            boolean isPrefix = count < items.prefix().size();
            if (!isPrefix && rest == Integer.MIN_VALUE) {
                rest = rule(items.rest(), where + "/items");
            }
            int item = isPrefix ? rule(items.prefix().get(count), where + "/prefixItems/" + count) : rest;
            if (most == Integer.MAX_VALUE && count >= loopFrom) {
                grammar.call(next, item, at);
                return;
            }
            int after = grammar.state();
            grammar.call(next, item, after);
            at = after;
        }
    }

    private int rule(JsonNode schema, String where) {
        int rule = grammar.rule();
        emit(schema, where, grammar.start(rule), grammar.end(rule));
        return rule;
    }

    private void object(ObjectNode schema, String where, int from, int to) {
        ObjectMembers members = ObjectMembers.of(schema, where);
        int none = grammar.text(from, "{"); // no member has been written
        int some = grammar.state();
        for (ObjectMembers.Member member : members.listed()) {
            int afterwards = grammar.state();
            int value = grammar.state();
            grammar.jump(texts.key(none, member.name()), value);
            grammar.jump(texts.key(texts.comma(some), member.name()), value);
            emit(member.schema(), where + "/properties/" + member.name(), value, afterwards);
            if (member.isRequired()) {
                none = grammar.state(); // never reached
            } else {
                grammar.jump(some, afterwards);
            }
            some = afterwards;
        }
        if (members.others().isPresent()) {
            int key = grammar.state();
            int value = rule(members.others().get(), where + "/additionalProperties");
            grammar.jump(none, key);
            grammar.jump(texts.comma(some), key);
            grammar.call(texts.otherKey(key, members.names(), where), value, some);
        }
        int end = grammar.state();
        grammar.jump(none, end);
        grammar.jump(some, end);
        grammar.jump(grammar.text(end, "}"), to);
    }
}
