/** Rows of a dataset as a trainer sees them. Start at {@link io.github.rlhf4j.web.data.DataPage}. */
@NullMarked
package io.github.rlhf4j.web.data;

import org.jspecify.annotations.NullMarked;
