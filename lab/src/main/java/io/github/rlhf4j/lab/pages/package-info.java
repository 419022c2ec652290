/** What the pages of the course measure, a class each; pages without one need none. Start at {@link io.github.rlhf4j.lab.pages.Sampling}. */
@NullMarked
package io.github.rlhf4j.lab.pages;

import org.jspecify.annotations.NullMarked;
