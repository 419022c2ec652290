@NullMarked
package io.github.rlhf4j.core;

import org.jspecify.annotations.NullMarked;
