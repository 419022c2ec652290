/** Planning and running the stages of a run, and what is in its folder. Start at {@link io.github.rlhf4j.pipeline.run.Runner}. */
@NullMarked
package io.github.rlhf4j.pipeline.run;

import org.jspecify.annotations.NullMarked;
