package io.github.rlhf4j.plan;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** Which layers see a window alone. */
final class WindowRule {
    private static final int PATTERN = 6; // Gemma 3's: each sixth layer sees all

    private final String rule;
    private final long window; // 0: none
    private final List<String> types;
    private final long from;

    WindowRule(ConfigKeys keys, long layers) {
        JsonNode rules = keys.rules();
        rule = rules.path("window").asText("none");
        String key = rules.path("window_key").asText("sliding_window");
        boolean used = !rule.equals("none") && keys.isOnOr("window_if", true) && !keys.isNull(key);
        window = used ? keys.size(key, 0) : 0;
        List<String> given = keys.list("layer_types");
        types = given.isEmpty() ? keys.list("attention_layers") : given;
        from = keys.count("max_window_layers", 0);
        if (!types.isEmpty() && types.size() != layers) {
            throw keys.wrong("layer_types has " + types.size() + " entries, but there are " + layers + " layers");
        }
    }

    /** The window of a layer, 0 for none. */
    long of(int layer) {
        return window > 0 && slides(layer) ? window : 0;
    }

    private boolean slides(int layer) {
        if (!types.isEmpty()) {
            return types.get(layer).equals("sliding_attention")
                    || types.get(layer).equals("local");
        }
        return switch (rule) {
            case "alternate" -> layer % 2 == 0;
            case "alternate_last" -> layer % 2 == 1;
            case "sixth" -> (layer + 1) % PATTERN != 0;
            case "alternate_before" -> layer % 2 == 0 && layer < from;
            case "from" -> layer >= from;
            default -> true;
        };
    }
}
