/**
 * What a model takes, from its config.json alone: parameters, arithmetic, memory, time, energy and money. Start at {@link io.github.rlhf4j.plan.Plan}.
 */
@NullMarked
package io.github.rlhf4j.plan;

import org.jspecify.annotations.NullMarked;
