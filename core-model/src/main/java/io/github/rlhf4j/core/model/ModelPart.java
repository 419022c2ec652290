package io.github.rlhf4j.core.model;

/** What a weight belongs to, for counts of parameters. */
public enum ModelPart {
    /** Of tokens, and of positions where they are learned. */
    EMBEDDING,
    ATTENTION,
    /** With experts: all of them, and the router. */
    FEED_FORWARD,
    /** Those of heads included. */
    NORMS,
    /** What is not tied to the embedding. */
    HEAD
}
