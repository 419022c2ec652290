package io.github.rlhf4j.core.train;

import java.nio.file.Path;

/**
 * A model as a stage's config names it: the folder that holds it.
 *
 * @param given what the run file says: a path or the name of an earlier stage
 * @param directory the Hugging Face directory that it means
 */
public record ModelReference(String given, Path directory) {}
