package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.files.HuggingFaceConfig;

/** How a family's config.json is read and written. */
interface ConfigFormat {
    /** With transformers' defaults for keys that are absent. */
    ModelConfig read(Family family, HuggingFaceConfig file);

    /** Adds the keys of a model to a file that has its type and architecture. */
    HuggingFaceConfig write(ModelConfig config, HuggingFaceConfig file);
}
