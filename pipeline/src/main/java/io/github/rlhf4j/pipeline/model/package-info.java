/** Models that are there already: their folders, opening them, writing them again. Start at {@link io.github.rlhf4j.pipeline.model.OpenModel}. */
@NullMarked
package io.github.rlhf4j.pipeline.model;

import org.jspecify.annotations.NullMarked;
