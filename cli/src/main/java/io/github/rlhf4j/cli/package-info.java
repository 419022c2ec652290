/** The command line: one class a command, exit codes, and what is printed. Start at {@link io.github.rlhf4j.cli.Main}. */
@NullMarked
package io.github.rlhf4j.cli;

import org.jspecify.annotations.NullMarked;
