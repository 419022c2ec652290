/**
 * The part of the Jinja language that chat templates use, as Jinja2 3.1 in transformers runs it (sandboxed, trimmed
 * blocks). Start at {@link io.github.rlhf4j.jinja.JinjaTemplate}.
 */
@NullMarked
package io.github.rlhf4j.jinja;

import org.jspecify.annotations.NullMarked;
