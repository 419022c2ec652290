/**
 * What this process uses of the machine's memory, as logs and benchmarks report it.
 *
 * <p>Start at {@link io.github.rlhf4j.core.process.ResidentMemory}.
 */
@NullMarked
package io.github.rlhf4j.core.process;

import org.jspecify.annotations.NullMarked;
