package io.github.rlhf4j.core.grammar;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.rlhf4j.core.UserError;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What {@code $ref} refers to, within the same schema. */
record SchemaReference(JsonNode root) {
    private static final Set<String> CONSTANTS = Set.of("enum", "const", "default", "examples");

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
        return anchored(root, decoded).orElse(MissingNode.getInstance());
    }

    /** Not within constants, which are no schemas. */
    private static Optional<JsonNode> anchored(JsonNode node, String anchor) {
        if (node.isObject() && node.path("$anchor").asText().equals(anchor)) {
            return Optional.of(node);
        }
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            if (!CONSTANTS.contains(entry.getKey())) {
                Optional<JsonNode> found = anchored(entry.getValue(), anchor);
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        for (JsonNode item : node.isArray() ? node : MissingNode.getInstance()) {
            Optional<JsonNode> found = anchored(item, anchor);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }
}
