/**
 * Attacks on the program by the real command line. Kills, faults of the disk and damage against whole runs: whatever happens, {@code --resume} ends with the bytes of an unbroken run, or the
 * program says what is wrong; {@code tools/torture} starts it. Damaged inputs for every reader and command: {@code tools/bad-inputs} starts it.
 *
 * <p>Start at {@link io.github.rlhf4j.cli.torture.Torture} and at {@link io.github.rlhf4j.cli.torture.BadInputs}.
 */
@NullMarked
package io.github.rlhf4j.cli.torture;

import org.jspecify.annotations.NullMarked;
