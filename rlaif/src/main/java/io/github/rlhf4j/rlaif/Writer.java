package io.github.rlhf4j.rlaif;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import java.util.List;

/** Goes on with conversations. */
interface Writer extends AutoCloseable {
    /**
     * The next message of each, empty where there is none.
     *
     * @param cue what a model without chat template reads last
     * @param maxTokens of a message
     */
    List<String> write(List<List<ChatMessage>> conversations, String cue, int maxTokens, CounterRandom random);

    @Override
    void close();
}
