package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.kernels.CacheLayout;
import io.github.rlhf4j.core.model.KeyValueCache;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A {@link LiveRequest} with its samples, which begin together and share the prompt's pages. */
final class LiveGroup {
    private final LiveRequest live;
    private final int mostNew;
    private final List<LiveSequence> waiting = new ArrayList<>(); // to be started
    private @Nullable TokenChooser chooser;

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

    /** Whether the prompt's log-probs are wanted, which are told once. */
    boolean readsPrompt() {
        return live.readsPrompt() && waiting.get(0).length() == 0;
    }

    int promptPages() {
        return CacheLayout.pages(promptIds().length);
    }

    /** Pages with which all samples can begin, and write a token each. */
    int pagesToStart() {
        return promptPages() + waiting.size();
    }

    /** Of one whole sample. */
    int sequencePages() {
        return CacheLayout.pages(promptIds().length + mostNew);
    }

    int[] takePromptPages(KeyValueCache cache) {
        int[] pages = new int[promptPages()];
        for (int i = 0; i < pages.length; i++) {
            pages[i] = cache.take();
        }
        return pages;
    }

    /** Gives each sample the prompt: whole pages are shared, the last one, where it is not full, is copied for all but one. */
    void start(KeyValueCache cache, int[] promptPages) {
        int whole = promptIds().length / CacheLayout.PAGE;
        for (int i = 0; i < waiting.size(); i++) {
            boolean isLast = i == waiting.size() - 1;
            int[] table = promptPages.clone();
            if (!isLast) {
                for (int page = 0; page < whole; page++) {
                    cache.share(table[page]);
                }
                if (whole < table.length) {
                    table[whole] = cache.take();
                    cache.copyPage(table[whole], promptPages[whole]);
                }
            }
            waiting.get(i).start(table);
        }
    }
}
