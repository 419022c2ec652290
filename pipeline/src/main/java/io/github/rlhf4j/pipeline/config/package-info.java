/**
 * Run files: YAML with places, the overlay of defaults, file and command line, and binding to config records. Start at {@link
 * io.github.rlhf4j.pipeline.config.RunFile}.
 */
@NullMarked
package io.github.rlhf4j.pipeline.config;

import org.jspecify.annotations.NullMarked;
