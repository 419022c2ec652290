/** The command line: one class a command, exit codes, and what is printed. Start at {@link io.github.rlhf4j.pipeline.cli.Main}. */
@NullMarked
package io.github.rlhf4j.pipeline.cli;

import org.jspecify.annotations.NullMarked;
