package io.github.rlhf4j.rlaif;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.generation.Generated;
import io.github.rlhf4j.core.generation.GenerationRequest;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import io.github.rlhf4j.datasets.training.ModelText;
import io.github.rlhf4j.judge.LocalConfig;
import io.github.rlhf4j.judge.Questions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A model of ours. A conversation that leaves no room in its context gets no message. */
final class ModelWriter implements Writer {
    private final ModelText text;
    private final Transformer model;
    private final SharedModel shared;
    private final Questions questions;
    private final AnswerConfig answers;

    private ModelWriter(
            ModelText text, Transformer model, SharedModel shared, Questions questions, AnswerConfig answers) {
        this.text = text;
        this.model = model;
        this.shared = shared;
        this.questions = questions;
        this.answers = answers;
    }

    static ModelWriter open(LocalConfig config, AnswerConfig answers, StageContext context) {
        ModelText text = ModelText.open(config.model().directory(), context.cacheDirectory());
        try {
            Questions questions = Questions.of(text.tokenizer(), config.applyChatTemplate());
            Transformer model = config.model().load(Set.of(Head.LANGUAGE), context.kernels());
            return new ModelWriter(text, model, context.cluster().share("critic", model), questions, answers);
        } catch (RuntimeException e) {
            text.close();
            throw e;
        }
    }

    @Override
    public List<String> write(List<List<ChatMessage>> conversations, String cue, int maxTokens, CounterRandom random) {
        List<GenerationRequest> requests = new ArrayList<>();
        List<Integer> asked = new ArrayList<>();
        List<String> written = new ArrayList<>();
        for (int i = 0; i < conversations.size(); i++) {
            int[] ids = questions.ids(conversations.get(i), cue);
            written.add("");
            if (ids.length < model.config().maxPositions()) {
                requests.add(new GenerationRequest(ids, 1, random.derive(i)));
                asked.add(i);
            }
        }
        SamplingOptions options =
                answers.ofTokens(maxTokens).sampling(text.tokenizer().stopIds());
        for (Generated generated : shared.generate("critic", requests, options)) {
            written.set(asked.get(generated.request()), text.tokenizer().decode(generated.ids(), true));
        }
        return written;
    }

    @Override
    public void close() {
        shared.close();
        model.close();
        text.close();
    }
}
