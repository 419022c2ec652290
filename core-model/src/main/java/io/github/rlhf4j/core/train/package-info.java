/** What every training stage shares: objectives, optimiser steps, checkpoints, metrics, progress. */
@NullMarked
package io.github.rlhf4j.core.train;

import org.jspecify.annotations.NullMarked;
