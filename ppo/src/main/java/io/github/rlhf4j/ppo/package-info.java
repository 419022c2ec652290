@NullMarked
package io.github.rlhf4j.ppo;

import org.jspecify.annotations.NullMarked;
