package io.github.rlhf4j.core.stage;

import java.nio.file.Path;

/**
 * An adapter as a stage's config names it.
 *
 * @param given what the run file says: a path or the name of an earlier stage
 * @param directory the folder that it means, as peft writes it
 */
public record AdapterReference(String given, Path directory) {}
