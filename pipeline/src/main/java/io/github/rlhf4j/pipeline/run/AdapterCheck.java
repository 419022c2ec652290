package io.github.rlhf4j.pipeline.run;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.stage.AdapterConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Holds the adapters that a stage is to train against the shape of its model, before anything runs. */
final class AdapterCheck {
    private AdapterCheck() {}

    /**
     * What cannot be put on the model, each with its key below the stage.
     *
     * @param type of the stage, which tells the model's head
     */
    static List<String> mistakes(Record config, String type, ModelConfig model) {
        Set<Head> heads = Set.of(ModelInputs.headOfType(type));
        List<String> mistakes = new ArrayList<>();
        ConfigInputs.of(config).forEach((key, value) -> {
            if (value instanceof AdapterConfig adapter) {
                try {
                    adapter.check(model, heads);
                } catch (UserError e) {
                    mistakes.add(key + "." + e.getMessage());
                }
            }
        });
        return mistakes;
    }
}
