/** What the machine can do and how much of it a model uses. Start at {@link io.github.rlhf4j.pipeline.bench.StepBench}. */
@NullMarked
package io.github.rlhf4j.pipeline.bench;

import org.jspecify.annotations.NullMarked;
