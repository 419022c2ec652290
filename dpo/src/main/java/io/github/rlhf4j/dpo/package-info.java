/** Direct preference optimisation and its family. */
@NullMarked
package io.github.rlhf4j.dpo;

import org.jspecify.annotations.NullMarked;
