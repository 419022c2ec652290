/** To be written. */
@NullMarked
package io.github.rlhf4j.pipeline.report;

import org.jspecify.annotations.NullMarked;
