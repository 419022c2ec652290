@NullMarked
package io.github.rlhf4j.sft;

import org.jspecify.annotations.NullMarked;
