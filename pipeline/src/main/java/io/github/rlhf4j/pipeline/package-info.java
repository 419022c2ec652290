/**
 * What runs of stages are made of: run files ({@code config}), model folders ({@code model}), run folders and stages in their order ({@code run}), report.html ({@code report}), what a model attends to ({@code attention}). Start at {@link
 * io.github.rlhf4j.pipeline.run.Runner}; {@link io.github.rlhf4j.Rlhf4j} is the public way in.
 */
@NullMarked
package io.github.rlhf4j.pipeline;

import org.jspecify.annotations.NullMarked;
