/** Readers of dataset files: JSON lines, JSON, and both compressed. */
@NullMarked
package io.github.rlhf4j.datasets.io;

import org.jspecify.annotations.NullMarked;
