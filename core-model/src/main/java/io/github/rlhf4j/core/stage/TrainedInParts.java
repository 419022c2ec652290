package io.github.rlhf4j.core.stage;

/** The config of a stage whose training can be cut into parts that several workers compute. */
public interface TrainedInParts {
    /** The parts. */
    ReplicasConfig parts();
}
