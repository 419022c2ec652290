/**
 * Damage to files and messages, drawn at random: bytes, numbers in headers, values, keys, words, lines.
 *
 * <p>Start at {@link io.github.rlhf4j.testing.damage.Form}.
 */
@NullMarked
package io.github.rlhf4j.testing.damage;

import org.jspecify.annotations.NullMarked;
