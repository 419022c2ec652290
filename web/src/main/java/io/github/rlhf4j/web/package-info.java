/** The local page, {@code ./rlhf4j ui}: runs as they train, their roll-outs, data, people's rankings, chats, plans. Start at {@link io.github.rlhf4j.web.WebPage}. */
@NullMarked
package io.github.rlhf4j.web;

import org.jspecify.annotations.NullMarked;
