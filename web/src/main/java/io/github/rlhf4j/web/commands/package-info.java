/** Commands of the program as pages: plan, inspect. Start at {@link io.github.rlhf4j.web.commands.ProgramCommand}. */
@NullMarked
package io.github.rlhf4j.web.commands;

import org.jspecify.annotations.NullMarked;
