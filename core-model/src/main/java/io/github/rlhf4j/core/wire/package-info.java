/**
 * Values as bytes that go to another process: numbers, texts, arrays, tensors; little-endian, each array with its length. Nothing here makes objects of classes that the bytes name.
 *
 * <p>Start at {@link io.github.rlhf4j.core.wire.WireWriter}.
 */
@NullMarked
package io.github.rlhf4j.core.wire;

import org.jspecify.annotations.NullMarked;
