/** Which of many rows are the same, or nearly so, in little memory. Start at {@link io.github.rlhf4j.filter.duplicates.DuplicateFinder}. */
@NullMarked
package io.github.rlhf4j.filter.duplicates;

import org.jspecify.annotations.NullMarked;
