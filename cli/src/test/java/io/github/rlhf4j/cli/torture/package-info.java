/**
 * Kills, faults of the disk and damage, against whole runs by the real command line: whatever happens, {@code --resume} ends with the bytes of an unbroken run, or the
 * program says what is wrong. {@code tools/torture} starts it.
 *
 * <p>Start at {@link io.github.rlhf4j.cli.torture.Torture}.
 */
@NullMarked
package io.github.rlhf4j.cli.torture;

import org.jspecify.annotations.NullMarked;
