package io.github.rlhf4j.pipeline.config;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

/**
 * The whole numbers that a key takes, for its check and for the schema.
 *
 * @param key as a run file names it
 * @param least smallest
 * @param most largest
 */
record WholeRange(String key, int least, int most) {
    void check(int value) {
        checkConfig(value >= least && value <= most, key, value, "must be in " + least + ".." + most);
    }
}
