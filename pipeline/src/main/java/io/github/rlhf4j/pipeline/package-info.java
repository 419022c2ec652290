/** The command line, run files, Guice assembly, run folders and reports. */
@NullMarked
package io.github.rlhf4j.pipeline;

import org.jspecify.annotations.NullMarked;
