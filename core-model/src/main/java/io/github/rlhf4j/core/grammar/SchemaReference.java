package io.github.rlhf4j.core.grammar;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.UserError;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/** What {@code $ref} refers to, within the same schema. */
record SchemaReference(JsonNode root) {
    JsonNode find(String reference, String where) {
        if (!reference.startsWith("#")) {
            throw new UserError(where + " refers to " + reference
                    + ", which is not supported: a $ref must be within the schema, such as #/$defs/name");
        }
        JsonNode target = reference.equals("#") ? root : target(reference.substring(1));
        if (target.isMissingNode()) {
            throw new UserError(where + " refers to " + reference + ", which the schema does not have");
        }
        return target;
    }

    private JsonNode target(String fragment) {
        String decoded;
        try {
            decoded = URLDecoder.decode(fragment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            decoded = fragment; // a percent sign that is none of an escape
        }
        if (decoded.startsWith("/")) {
            return root.at(JsonPointer.compile(decoded));
        }
        for (JsonNode holder : root.findParents("$anchor")) {
            if (holder.path("$anchor").asText().equals(decoded)) {
                return holder;
            }
        }
        return root.path(""); // missing
    }
}
