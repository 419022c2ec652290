/** Records, readers, the synthetic world and tokenised examples. */
@NullMarked
package io.github.rlhf4j.datasets;

import org.jspecify.annotations.NullMarked;
