/** Models that pages talk to: found, loaded once, given back. Start at {@link io.github.rlhf4j.web.model.ModelShelf}. */
@NullMarked
package io.github.rlhf4j.web.model;

import org.jspecify.annotations.NullMarked;
