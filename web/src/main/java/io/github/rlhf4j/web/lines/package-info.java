/** Lines of JSON read fast: files of metrics and samples that grow. Start at {@link io.github.rlhf4j.web.lines.GrowingLines}. */
@NullMarked
package io.github.rlhf4j.web.lines;

import org.jspecify.annotations.NullMarked;
