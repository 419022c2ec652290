package io.github.rlhf4j.core.cluster;

import java.io.Serializable;

/**
 * The weights of a shared model at one time.
 *
 * @param model its name
 * @param version from 0, one more after each change
 */
public record ModelVersion(String model, long version) implements Serializable {}
