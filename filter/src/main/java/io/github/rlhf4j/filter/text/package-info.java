/**
 * Measures of texts and what is learned from them, as plain classes over strings: they know no files, stages or threads, so any program can call them on a row. Start at {@link
 * io.github.rlhf4j.filter.text.TextUnits}.
 */
@NullMarked
package io.github.rlhf4j.filter.text;

import org.jspecify.annotations.NullMarked;
