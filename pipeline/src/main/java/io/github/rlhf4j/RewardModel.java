package io.github.rlhf4j;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.ScoreStatistics;
import io.github.rlhf4j.core.generation.Scorer;
import io.github.rlhf4j.core.generation.ScoringTokens;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import io.github.rlhf4j.datasets.training.ChatTokens;
import io.github.rlhf4j.pipeline.model.GivenModel;
import io.github.rlhf4j.pipeline.model.OpenModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * An open model that scores texts.
 *
 * <pre>{@code
 * try (RewardModel judge = rlhf4j.rewardModel(Path.of("runs/first/reward"))) {
 *     double good = judge.score("What is the capital of France? ", "It is Paris.");
 *     double bad = judge.score("What is the capital of France? ", "No idea.");
 * }
 * }</pre>
 *
 * <p>Only differences of scores mean something. Owns its weights, in native memory, until {@link #close} or that of its engine. Threads may share it: one call at a time is served, and the others wait.
 */
public final class RewardModel implements AutoCloseable {
    private final OpenModel model;
    private final ChatTokens chat;
    private final Consumer<AutoCloseable> onClose;
    private boolean closed;

    private RewardModel(OpenModel model, Consumer<AutoCloseable> onClose) {
        this.model = model;
        this.chat = ChatTokens.of(model.tokenizer());
        this.onClose = onClose;
    }

    static RewardModel open(GivenModel given, Kernels kernels, Consumer<AutoCloseable> onClose) {
        return new RewardModel(OpenModel.openRewardModel(given, kernels), onClose);
    }

    /**
     * The score of a response, with prompt and response as one text with an end token: as training sees them.
     *
     * @throws UserError where it does not fit the model's context, or the tokenizer has no end token
     */
    public synchronized double score(String prompt, String response) {
        return score(new ScoringTokens(tokenizer()).joint(prompt, response));
    }

    /** The scores of several responses to a prompt, such as samples of which the best is wanted; faster than one after the other. */
    public synchronized double[] scores(String prompt, List<String> responses) {
        ScoringTokens tokens = new ScoringTokens(tokenizer());
        List<Scorer.Sequence> sequences = new ArrayList<>();
        for (String response : responses) {
            sequences.add(new Scorer.Sequence("response " + (sequences.size() + 1), tokens.joint(prompt, response)));
        }
        List<Scorer.Scored> scored = new ArrayList<>();
        new Scorer(transformer()).score(sequences.iterator(), scored::add);
        return scored.stream().mapToDouble(Scorer.Scored::score).toArray();
    }

    /**
     * The score of the last message of a conversation, by the model's chat template.
     *
     * @throws UserError where the model has no template, or the conversation does not fit its context
     */
    public synchronized double score(List<ChatMessage> messages) {
        return score(chat.conversation(messages));
    }

    /** The score at the last of these tokens. */
    public synchronized double score(int[] ids) {
        return new Scorer(transformer()).score(ids).score();
    }

    /** Mean and standard deviation of the scores of its training data, where its config.json has them: {@link ScoreStatistics#normalized} takes them out of a score. */
    public Optional<ScoreStatistics> statistics() {
        return model.config().scoreStatistics();
    }

    /** Its folder. */
    public Path folder() {
        return model.path();
    }

    /** Its tokenizer, which lasts as long as the model. */
    public Tokenizer tokenizer() {
        return model.tokenizer();
    }

    /** The transformer itself, which lasts as long as the model; for calculations of one's own, one thread at a time. */
    public synchronized Transformer transformer() {
        if (closed) {
            throw new IllegalStateException("the model of " + model.path() + " is closed");
        }
        return model.transformer();
    }

    /** Frees the memory, after a call that is in progress; again, it does nothing. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        onClose.accept(this);
        model.close();
    }
}
