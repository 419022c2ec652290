/**
 * What tests of stages, losses and rewards need: small random models, small datasets, and a harness that runs a stage in a temporary folder.
 *
 * <p>Start at {@link io.github.rlhf4j.testing.StageHarness}. For tests only; it needs no test framework.
 */
@NullMarked
package io.github.rlhf4j.testing;

import org.jspecify.annotations.NullMarked;
