package io.github.rlhf4j.core.stage;

/** Marks a record that groups keys which several stages share: the keys stand at the top level of the stage in the run file. */
public interface ConfigGroup {}
