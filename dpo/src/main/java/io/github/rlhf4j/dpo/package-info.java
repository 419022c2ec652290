@NullMarked
package io.github.rlhf4j.dpo;

import org.jspecify.annotations.NullMarked;
