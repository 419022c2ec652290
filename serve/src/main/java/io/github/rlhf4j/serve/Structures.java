package io.github.rlhf4j.serve;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.TokenConstraint;
import io.github.rlhf4j.core.grammar.StructuredOutputs;
import io.github.rlhf4j.core.tokenizer.TokenTexts;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** What texts are held to, by response_format or structured_outputs; the last ones are kept, since they remember what they have found out. */
final class Structures {
    private static final int KEPT = 32;

    private final TokenTexts texts;
    private final Map<String, TokenConstraint> kept = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, TokenConstraint> eldest) {
            return size() > KEPT;
        }
    };

    Structures(TokenTexts texts) {
        this.texts = texts;
    }

    /** What a request asks for; {@link TokenConstraint#NONE} for nothing. */
    TokenConstraint of(Fields fields) {
        Optional<Fields> format = fields.object("response_format");
        Optional<Fields> structured = fields.object("structured_outputs");
        for (String old : new String[] {"guided_json", "guided_regex", "guided_choice", "guided_grammar"}) {
            fields.refuse(old, "is an older name: give structured_outputs with json, regex, choice or json_object");
        }
        TokenConstraint first = format.map(this::ofFormat).orElse(TokenConstraint.NONE);
        TokenConstraint second = structured.map(this::ofStructure).orElse(TokenConstraint.NONE);
        if (first != TokenConstraint.NONE && second != TokenConstraint.NONE) {
            throw fields.error("structured_outputs", "cannot be given with response_format");
        }
        return first != TokenConstraint.NONE ? first : second;
    }

    /** What a JSON schema allows. */
    TokenConstraint ofSchema(String field, JsonNode schema) {
        return ofSchema(field, schema.toString());
    }

    private TokenConstraint ofSchema(String field, String schema) {
        return known(field, "json " + schema, () -> StructuredOutputs.json(schema));
    }

    private TokenConstraint ofFormat(Fields format) {
        String type = format.text("type").orElseThrow(() -> format.error("type", "is missing"));
        switch (type) {
            case "text":
                return TokenConstraint.NONE;
            case "json_object":
                return known("response_format", "object", StructuredOutputs::jsonObject);
            case "json_schema":
                Fields schema =
                        format.object("json_schema").orElseThrow(() -> format.error("json_schema", "is missing"));
                JsonNode json = schema.get("schema").orElseThrow(() -> schema.error("schema", "is missing"));
                return ofSchema("response_format", json);
            default:
                throw format.error("type", "must be text, json_object or json_schema, but is \"" + type + "\"");
        }
    }

    private TokenConstraint ofStructure(Fields structure) {
        Optional<JsonNode> json = structure.get("json");
        Optional<String> regex = structure.text("regex");
        Optional<JsonNode> choice = structure.get("choice");
        boolean object = structure.flag("json_object", false);
        structure.refuseOthers();
        int given = (json.isPresent() ? 1 : 0)
                + (regex.isPresent() ? 1 : 0)
                + (choice.isPresent() ? 1 : 0)
                + (object ? 1 : 0);
        if (given != 1) {
            throw ApiError.of("structured_outputs", "must have one of json, regex, choice and json_object");
        }
        String name = "structured_outputs";
        if (json.isPresent()) {
            String schema =
                    json.get().isTextual() ? json.get().textValue() : json.get().toString();
            return ofSchema(name, schema);
        }
        if (regex.isPresent()) {
            return known(name, "regex " + regex.get(), () -> StructuredOutputs.regex(regex.get()));
        }
        return object
                ? known(name, "object", StructuredOutputs::jsonObject)
                : known(
                        name,
                        "choice " + choice.orElseThrow(),
                        () -> StructuredOutputs.choice(structure.texts("choice")));
    }

    private TokenConstraint known(String field, String key, Supplier<StructuredOutputs> maker) {
        synchronized (kept) {
            TokenConstraint present = kept.get(key);
            if (present != null) {
                return present;
            }
        }
        try {
            TokenConstraint made = maker.get().constraint(texts);
            synchronized (kept) {
                kept.put(key, made);
            }
            return made;
        } catch (UserError e) {
            throw new ApiError(400, field + ": " + e.getMessage(), field, "");
        }
    }
}
