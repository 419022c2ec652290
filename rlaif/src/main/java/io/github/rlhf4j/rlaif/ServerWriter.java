package io.github.rlhf4j.rlaif;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import io.github.rlhf4j.judge.OpenAiChat;
import java.util.ArrayList;
import java.util.List;

/** A model behind an OpenAI-compatible server. */
final class ServerWriter implements Writer {
    private final OpenAiChat chat;
    private final double temperature;

    ServerWriter(OpenAiChat chat, double temperature) {
        this.chat = chat;
        this.temperature = temperature;
    }

    @Override
    public List<String> write(List<List<ChatMessage>> conversations, String cue, int maxTokens, CounterRandom random) {
        List<ObjectNode> requests = new ArrayList<>();
        conversations.forEach(messages -> requests.add(chat.request(messages, temperature, maxTokens)));
        return chat.ask(requests).stream()
                .map(OpenAiChat.Answer::withoutThoughts)
                .toList();
    }

    @Override
    public void close() {}
}
