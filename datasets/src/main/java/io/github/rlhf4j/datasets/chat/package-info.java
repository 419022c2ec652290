/** Conversations and the templates that turn them into text. */
@NullMarked
package io.github.rlhf4j.datasets.chat;

import org.jspecify.annotations.NullMarked;
