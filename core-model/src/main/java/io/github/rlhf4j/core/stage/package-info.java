/** What surrounds the optimiser steps of a stage: configs, the loop, checkpoints, logs, progress. Start at {@link io.github.rlhf4j.core.stage.StageLoop}. */
@NullMarked
package io.github.rlhf4j.core.stage;

import org.jspecify.annotations.NullMarked;
