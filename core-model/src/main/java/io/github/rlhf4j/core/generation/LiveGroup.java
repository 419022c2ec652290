package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.kernels.CacheLayout;
import io.github.rlhf4j.core.model.FedTokens;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A {@link LiveRequest} with its samples, which share the prompt's pages: the first one computes the prompt. */
final class LiveGroup {
    private final LiveRequest live;
    private final int mostNew;
    private final List<LiveSequence> waiting = new ArrayList<>(); // to be started
    private @Nullable TokenChooser chooser;
    private @Nullable PromptReading reading;
    private boolean started;

    LiveGroup(LiveRequest live, int mostNew) {
        this.live = live;
        this.mostNew = mostNew;
        for (int sample = 0; sample < live.request().samples(); sample++) {
            waiting.add(new LiveSequence(this, sample));
        }
    }

    /** One sample, to be started again. */
    private LiveGroup(LiveSequence sequence) {
        this.live = sequence.group().live;
        this.mostNew = sequence.group().mostNew;
        this.started = true;
        waiting.add(sequence);
    }

    static LiveGroup again(LiveSequence sequence) {
        return new LiveGroup(sequence);
    }

    /** Chooses its tokens; found once. */
    TokenChooser chooser(Supplier<TokenChooser> finder) {
        TokenChooser found = chooser;
        if (found == null) {
            found = finder.get();
            chooser = found;
        }
        return found;
    }

    LiveRequest live() {
        return live;
    }

    int[] promptIds() {
        return live.request().promptIds();
    }

    int mostNew() {
        return mostNew;
    }

    List<LiveSequence> waiting() {
        return waiting;
    }

    /** The sample that computes the prompt, for all that begin with it. */
    LiveSequence first() {
        return waiting.get(0);
    }

    /** Whether its samples write. */
    boolean isStarted() {
        return started;
    }

    /** The prompt has been computed; the samples that are to begin with the first one. */
    List<LiveSequence> start() {
        started = true;
        return waiting.subList(1, waiting.size());
    }

    /** Whether the prompt's log-probs are wanted, which are told once. */
    boolean readsPrompt() {
        return live.readsPrompt() && !started;
    }

    /** Takes the prompt's log-probs, from its first token on. */
    void beginReading(ModelLogProbs row) {
        reading = readsPrompt() ? new PromptReading(this, row) : null;
    }

    /** Who takes the logits of the prompt that is being computed. */
    FedTokens.LogitReader reader() {
        return reading == null ? FedTokens.LogitReader.NONE : reading;
    }

    /** Tells the prompt's log-probs, where they are wanted. */
    void tellPrompt() {
        if (reading != null) {
            reading.tell();
            reading = null;
        }
    }

    /** Of one whole sample. */
    int sequencePages() {
        return CacheLayout.pages(promptIds().length + mostNew);
    }

    /** Pages with which all samples can begin, and write a token each. */
    int pagesToStart() {
        return first().knownPages() + waiting.size();
    }
}
