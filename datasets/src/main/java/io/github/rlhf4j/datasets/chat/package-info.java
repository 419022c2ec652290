/**
 * Conversations as text and as tokens: the model's own chat template, and which tokens the assistant says. Start at
 * {@link io.github.rlhf4j.datasets.chat.ChatTemplate}.
 */
@NullMarked
package io.github.rlhf4j.datasets.chat;

import org.jspecify.annotations.NullMarked;
