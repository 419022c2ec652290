/** Runs as they train: states, curves, logs, live. Start at {@link io.github.rlhf4j.web.runs.RunsPage}. */
@NullMarked
package io.github.rlhf4j.web.runs;

import org.jspecify.annotations.NullMarked;
