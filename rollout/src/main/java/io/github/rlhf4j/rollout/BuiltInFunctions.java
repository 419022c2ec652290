package io.github.rlhf4j.rollout;

import java.util.Map;
import java.util.TreeMap;

/** The reward functions that are there without a module. One that is bound under the same name takes the place of such a one. */
final class BuiltInFunctions {
    private static final Map<String, RewardFunction> ALL = Map.of(
            "exact_match", new ExactMatch(),
            "numeric", new NumericReward(),
            "cosine_scaled", new CosineReward(),
            "regex", new RegexReward(),
            "json_schema", new JsonSchemaReward(),
            "length", new LengthReward(),
            "repetition", new RepetitionReward(),
            "language", new LanguageReward(),
            "format", new FormatReward());

    private BuiltInFunctions() {}

    /** All by name, those that are bound among them. */
    static Map<String, RewardFunction> with(Map<String, RewardFunction> bound) {
        Map<String, RewardFunction> all = new TreeMap<>(ALL);
        all.putAll(bound);
        return all;
    }
}
