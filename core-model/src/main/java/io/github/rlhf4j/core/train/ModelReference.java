package io.github.rlhf4j.core.train;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A model as a stage's config names it: the folder that holds it.
 *
 * @param given what the run file says: a path or the name of an earlier stage
 * @param directory the Hugging Face directory that it means
 * @param outline what is known of it before the run starts
 */
public record ModelReference(String given, Path directory, Optional<ModelOutline> outline) {
    /** A model of which nothing is known yet. */
    public ModelReference(String given, Path directory) {
        this(given, directory, Optional.empty());
    }
}
