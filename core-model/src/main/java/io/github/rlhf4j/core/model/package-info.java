/**
 * The transformer: configuration, parameters, packed batches, forward and backward passes (Vaswani et al. 2017,
 * arXiv:1706.03762). Start at {@link io.github.rlhf4j.core.model.Transformer}; the model families are in {@link
 * io.github.rlhf4j.core.model.Family}.
 */
@NullMarked
package io.github.rlhf4j.core.model;

import org.jspecify.annotations.NullMarked;
