/** The person at the terminal: lines, progress, colours, signals, and how a failure is told. Start at {@link io.github.rlhf4j.cli.terminal.Terminal}. */
@NullMarked
package io.github.rlhf4j.cli.terminal;

import org.jspecify.annotations.NullMarked;
