package io.github.rlhf4j.rlaif;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.generation.Generated;
import io.github.rlhf4j.core.generation.GenerationRequest;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import io.github.rlhf4j.judge.LocalModel;
import java.util.ArrayList;
import java.util.List;

/** A model of ours. A conversation that leaves no room in its context gets no message. */
final class ModelWriter implements Writer {
    private final LocalModel model;
    private final AnswerConfig answers;

    ModelWriter(LocalModel model, AnswerConfig answers) {
        this.model = model;
        this.answers = answers;
    }

    @Override
    public List<String> write(List<List<ChatMessage>> conversations, String cue, int maxTokens, CounterRandom random) {
        List<GenerationRequest> requests = new ArrayList<>();
        List<Integer> asked = new ArrayList<>();
        List<String> written = new ArrayList<>();
        for (int i = 0; i < conversations.size(); i++) {
            int[] ids = model.questions().ids(conversations.get(i), cue);
            written.add("");
            if (ids.length < model.context()) {
                requests.add(new GenerationRequest(ids, 1, random.derive(i)));
                asked.add(i);
            }
        }
        SamplingOptions options =
                answers.ofTokens(maxTokens).sampling(model.tokenizer().stopIds());
        for (Generated generated : model.shared().generate("critic", requests, options)) {
            written.set(asked.get(generated.request()), model.tokenizer().decode(generated.ids(), true));
        }
        return written;
    }

    @Override
    public void close() {
        model.close();
    }
}
