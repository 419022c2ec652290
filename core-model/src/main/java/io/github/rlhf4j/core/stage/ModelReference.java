package io.github.rlhf4j.core.stage;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A model as a stage's config names it: the folder that holds it.
 *
 * @param given what the run file says: a path or the name of an earlier stage
 * @param directory the Hugging Face directory that it means
 * @param outline what is known of it before the run starts
 * @param name what the run file calls it, where it is one of a map of models
 */
public record ModelReference(String given, Path directory, Optional<ModelOutline> outline, Optional<String> name) {
    /** A model without a name of its own. */
    public ModelReference(String given, Path directory, Optional<ModelOutline> outline) {
        this(given, directory, outline, Optional.empty());
    }

    /** A model of which nothing is known yet. */
    public ModelReference(String given, Path directory) {
        this(given, directory, Optional.empty());
    }

    /** The same model under a name. */
    public ModelReference named(String newName) {
        return new ModelReference(given, directory, outline, Optional.of(newName));
    }
}
