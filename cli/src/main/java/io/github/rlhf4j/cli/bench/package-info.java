/** What the machine can do and how much of it a model uses. Start at {@link io.github.rlhf4j.cli.bench.StepBench}. */
@NullMarked
package io.github.rlhf4j.cli.bench;

import org.jspecify.annotations.NullMarked;
