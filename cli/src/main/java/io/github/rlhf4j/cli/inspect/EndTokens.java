package io.github.rlhf4j.cli.inspect;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.files.ModelDirectory;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;

/** Whether the files agree about where a text ends. */
final class EndTokens {
    private static final String KEY = "eos_token_id";

    private EndTokens() {}

    static void check(ModelDirectory model, ModelConfig config, Tokenizer tokenizer, Report report) {
        Set<Integer> configured = ids(model.config().tree().path(KEY));
        Set<Integer> generation =
                model.generationConfig().map(file -> ids(file.path(KEY))).orElse(Set.of());
        Set<Integer> all = new TreeSet<>(configured);
        all.addAll(generation);
        for (int id : all) {
            if (id < 0 || id >= Math.min(config.vocabSize(), tokenizer.vocabSize())) {
                report.warning(KEY + " " + id + " is beyond the vocabulary: the model has " + config.vocabSize()
                        + " rows, the tokenizer " + tokenizer.vocabSize() + " ids; it is never written");
            }
        }
        if (tokenizer.eosId().isEmpty()) {
            report.warning("there is no end token: nothing trained from this model can stop; name eos_token in"
                    + " tokenizer_config.json");
        }
        if (tokenizer.eosId().isPresent() && !all.contains(tokenizer.eosId().getAsInt())) {
            report.warning("neither config.json nor generation_config.json names the tokenizer's end token "
                    + tokenizer.eosId().getAsInt() + " as " + KEY
                    + ": this program stops there, transformers does not; write the model anew with export");
        }
        if (!configured.isEmpty() && !generation.isEmpty() && !configured.equals(generation)) {
            report.warning("generation_config.json has " + KEY + " " + generation + ", but config.json " + configured
                    + "; the first are used");
        }
    }

    private static Set<Integer> ids(JsonNode value) {
        Set<Integer> ids = new LinkedHashSet<>();
        if (value.isArray()) {
            value.forEach(id -> ids.add(id.asInt(-1)));
        } else if (value.isNumber()) {
            ids.add(value.asInt(-1));
        }
        return ids;
    }
}
