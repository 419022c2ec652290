package io.github.rlhf4j.core.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import io.github.rlhf4j.core.UserError;
import java.util.ArrayList;
import java.util.List;

/**
 * The items of an array: the first ones with a schema each, and the rest. Read from {@code prefixItems} and {@code items}, or from a list of {@code items} and {@code additionalItems} as before draft 2020-12.
 *
 * @param prefix of the first ones
 * @param rest of those after them; {@code false} for none
 */
record ArrayItems(List<JsonNode> prefix, JsonNode rest) {
    static ArrayItems of(JsonNode schema, String where) {
        JsonNode items = schema.path("items");
        boolean isOld = items.isArray();
        JsonNode first = isOld ? items : schema.path("prefixItems");
        JsonNode others = isOld ? schema.path("additionalItems") : items;
        if (schema.has("prefixItems") && (isOld || !first.isArray())) {
            throw new UserError(where + " has prefixItems that are no list, or items that are one as well");
        }
        List<JsonNode> prefix = new ArrayList<>();
        first.forEach(prefix::add);
        return new ArrayItems(prefix, others.isMissingNode() ? BooleanNode.TRUE : others);
    }

    /** Most items that there can be. */
    int most() {
        return rest.isBoolean() && !rest.booleanValue() ? prefix.size() : Integer.MAX_VALUE;
    }
}
