@NullMarked
package io.github.rlhf4j.reward;

import org.jspecify.annotations.NullMarked;
