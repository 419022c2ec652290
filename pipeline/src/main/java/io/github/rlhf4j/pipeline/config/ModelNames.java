package io.github.rlhf4j.pipeline.config;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.AdapterReference;
import io.github.rlhf4j.core.stage.ModelReference;
import java.nio.file.Path;

/** What the models that a run file names are. */
@FunctionalInterface
public interface ModelNames {
    /**
     * What a folder or a stage's name means.
     *
     * @throws UserError when it is neither
     */
    ModelReference model(String given);

    /**
     * What an adapter's folder or the name of a stage that trains one means.
     *
     * @param base what the adapter is put on
     * @throws UserError when it is neither
     */
    default AdapterReference adapter(String given, ModelReference base) {
        return new AdapterReference(given, Path.of(given));
    }
}
