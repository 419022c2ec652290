/**
 * What every stage shares: the transformer and everything around it that knows no data set. Start at {@link
 * io.github.rlhf4j.core.model.Transformer} for the model, at {@link io.github.rlhf4j.core.train.ModelTrainer} for its
 * training, at {@link io.github.rlhf4j.core.generation.Generator} for its texts.
 *
 * <p>Letters in comments on shapes, the same in all packages:
 * <pre>
 * B   sequences of a batch          T   tokens of one sequence      N   tokens of a packed batch, all sequences end to end
 * L   layers                        C   hidden size                 F   feed-forward size (a gated one: gate and up are 2F)
 * H   heads of queries              Hkv heads of keys and values    D   channels of a head
 * V   vocabulary                    E   experts                     K   candidates of a prompt
 * M   rows a part works on, not all N   R   rows of a chunk of logits   S   sequences generated together
 * </pre>
 *
 * <p>{@code (N, C) -> (N, 3C)} is what goes in and what comes out. Identifiers are words; a gradient is {@code d} and the
 * name of what it belongs to.
 */
@NullMarked
package io.github.rlhf4j.core;

import org.jspecify.annotations.NullMarked;
