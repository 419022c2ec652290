/**
 * Languages that a text may be held to: choices, regular expressions and JSON Schemas, as automata over bytes of UTF-8, and which tokens may come next. Start at {@link
 * io.github.rlhf4j.core.grammar.StructuredOutputs}.
 */
@NullMarked
package io.github.rlhf4j.core.grammar;

import org.jspecify.annotations.NullMarked;
