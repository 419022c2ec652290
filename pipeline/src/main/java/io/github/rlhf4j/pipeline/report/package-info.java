/** report.html: one self-contained page a run, made from its files alone. Start at {@link io.github.rlhf4j.pipeline.report.RunReport}. */
@NullMarked
package io.github.rlhf4j.pipeline.report;

import org.jspecify.annotations.NullMarked;
