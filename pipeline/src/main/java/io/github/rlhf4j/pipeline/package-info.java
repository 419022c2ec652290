@NullMarked
package io.github.rlhf4j.pipeline;

import org.jspecify.annotations.NullMarked;
