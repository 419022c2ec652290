package io.github.rlhf4j.core.grammar;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.tokenizer.TokenTexts;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import java.util.List;

/**
 * What a text is held to, by the names of vLLM's StructuredOutputsParams: one of some texts, a regular expression that is the whole text, or JSON that is valid under a schema.
 *
 * <pre>{@code
 * StructuredOutputs yesOrNo = StructuredOutputs.choice(List.of("yes", "no"));
 * StructuredOutputs point = StructuredOutputs.json("{\"type\": \"object\", \"properties\": {\"x\": {\"type\": \"number\"}}, \"required\": [\"x\"]}");
 * }</pre>
 */
public final class StructuredOutputs {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final Maker maker;
    private final Grammar whole; // of all characters

    /** Makes the grammar of what can be written. */
    private interface Maker {
        Grammar grammar(CodePoints writable);
    }

    private StructuredOutputs(Maker maker) {
        this.maker = maker;
        this.whole = maker.grammar(CodePoints.ALL); // which finds mistakes
    }

    /**
     * One of some texts.
     *
     * @throws UserError where there is none, or one is empty
     */
    public static StructuredOutputs choice(List<String> texts) {
        if (texts.isEmpty() || texts.contains("")) {
            throw new UserError("choice must be a list of texts, one at least, none of them empty");
        }
        Regex either = new Regex.Either(texts.stream().map(Regex::text).toList());
        return regular(either, "choice");
    }

    /**
     * A regular expression that is the whole text.
     *
     * @throws UserError where it is none, or has look-around, back-references or word boundaries
     */
    public static StructuredOutputs regex(String expression) {
        return regular(RegexParser.parse(expression, "regex"), "regex \"" + expression + "\"");
    }

    private static StructuredOutputs regular(Regex regex, String what) {
        Dfa automaton = Dfa.of(regex, what);
        if (automaton.isEmpty()) {
            throw Dfa.empty(what);
        }
        return new StructuredOutputs(writable -> {
            GrammarBuilder grammar = new GrammarBuilder(what, writable);
            int whole = grammar.rule();
            grammar.embed(grammar.start(whole), automaton, Spelling.PLAIN, grammar.end(whole));
            return grammar.build();
        });
    }

    /** JSON that is valid under a schema, as {@link #json(String, String)}. */
    public static StructuredOutputs json(String schema) {
        return json(schema, "json schema");
    }

    /**
     * JSON that is valid under a schema.
     *
     * @param what it is called in messages
     * @throws UserError where it is no schema, has a keyword that is not supported, or nothing is valid under it
     */
    public static StructuredOutputs json(String schema, String what) {
        JsonNode root;
        try {
            root = MAPPER.readTree(schema);
        } catch (JsonProcessingException e) {
            throw new UserError(what + " is not valid JSON: " + e.getOriginalMessage(), e);
        }
        return new StructuredOutputs(writable -> JsonSchemaGrammar.of(root, what, writable));
    }

    /** An object of JSON, whatever is in it. */
    public static StructuredOutputs jsonObject() {
        return json("{\"type\": \"object\"}", "json_object");
    }

    /** The language itself. */
    public Grammar grammar() {
        return whole;
    }

    /** Holds a tokenizer's texts to it. It takes a moment, so keep it. */
    public TokenGrammar constraint(Tokenizer tokenizer) {
        return constraint(TokenTexts.of(tokenizer));
    }

    /** The same, where the texts of a tokenizer's tokens are known. */
    public TokenGrammar constraint(TokenTexts texts) {
        return TokenGrammar.of(grammar(Writable.of(texts)), texts);
    }

    /** Of texts whose characters can be written one by one. A tokenizer of whole words can write none of them so; there a text that no word continues is found when it is reached. */
    private Grammar grammar(CodePoints writable) {
        try {
            return writable == CodePoints.ALL ? whole : maker.grammar(writable);
        } catch (UserError e) {
            return whole;
        }
    }
}
