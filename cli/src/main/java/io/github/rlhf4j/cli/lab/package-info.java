/** What the command {@code lab} asks of the module lab, which the program finds where it is on the class path. Start at {@link io.github.rlhf4j.cli.lab.Lab}. */
@NullMarked
package io.github.rlhf4j.cli.lab;

import org.jspecify.annotations.NullMarked;
