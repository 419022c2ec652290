/** Talking to models: conversations that branch, answers as they are written, the probabilities of their tokens, two models side by side. Start at {@link io.github.rlhf4j.web.chat.ChatPage}. */
@NullMarked
package io.github.rlhf4j.web.chat;

import org.jspecify.annotations.NullMarked;
