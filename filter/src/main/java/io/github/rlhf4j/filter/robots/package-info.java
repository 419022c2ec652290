/** Which addresses a crawler may fetch, by robots.txt (RFC 9309). Start at {@link io.github.rlhf4j.filter.robots.RobotsTxt}. */
@NullMarked
package io.github.rlhf4j.filter.robots;

import org.jspecify.annotations.NullMarked;
