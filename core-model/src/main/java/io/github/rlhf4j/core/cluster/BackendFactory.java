package io.github.rlhf4j.core.cluster;

/** Opens backends; found by {@link java.util.ServiceLoader}, so that a module such as that of Spark adds its own. */
public interface BackendFactory {
    /** Whether it knows this kind of master. */
    boolean accepts(String master);

    /**
     * Opens one.
     *
     * @throws io.github.rlhf4j.core.UserError in a line, where it cannot be reached or its workers compute other bytes
     */
    Backend open(ClusterSettings settings);
}
