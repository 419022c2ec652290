/** A run written in the page, checked as it is typed, and started. Start at {@link io.github.rlhf4j.web.start.StartPage}. */
@NullMarked
package io.github.rlhf4j.web.start;

import org.jspecify.annotations.NullMarked;
