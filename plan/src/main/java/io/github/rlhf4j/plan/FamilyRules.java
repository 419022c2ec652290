package io.github.rlhf4j.plan;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.Suggestion;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import java.util.Set;
import java.util.TreeSet;

/** families.json: what the weights of each family are. */
final class FamilyRules {
    private static final JsonNode FAMILIES = Data.read("families.json").path("families");

    private FamilyRules() {}

    /** Those that can be counted. */
    static Set<String> names() {
        Set<String> names = new TreeSet<>();
        FAMILIES.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /**
     * The rules of a file's family.
     *
     * @throws UserError where it has none
     */
    static JsonNode of(HuggingFaceConfig file) {
        String family = file.modelType();
        if (!FAMILIES.has(family)) {
            throw new UserError(file.source() + ": model_type is \"" + family + "\", which cannot be counted"
                    + Suggestion.phrase(family, names()) + "; it must be one of " + String.join(", ", names()));
        }
        return FAMILIES.get(family);
    }
}
