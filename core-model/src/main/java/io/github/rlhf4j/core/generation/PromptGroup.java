package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.CacheLayout;
import io.github.rlhf4j.core.model.KeyValueCache;
import org.jspecify.annotations.Nullable;

/** A request whose prompt has been computed, with the pages of the prompt, until the last of its samples has started. */
final class PromptGroup {
    private final int request;
    private final GenerationRequest of;
    private final int mostNew;
    private int[] pages = {};
    private int unstarted;

    /** @param mostNew most new tokens of a sample */
    PromptGroup(int request, GenerationRequest of, int mostNew) {
        this.request = request;
        this.of = of;
        this.mostNew = mostNew;
        this.unstarted = of.samples();
    }

    int request() {
        return request;
    }

    int[] promptIds() {
        return of.promptIds();
    }

    /** Some of the tokens of the prompt and of those chosen after it. */
    int[] tokens(int[] chosen, int from, int to) {
        return tokens(promptIds(), chosen, from, to);
    }

    static int[] tokens(int[] prompt, int[] chosen, int from, int to) {
        int[] tokens = new int[to - from];
        int ofPrompt = Math.max(0, Math.min(to, prompt.length) - from);
        System.arraycopy(prompt, Math.min(from, prompt.length), tokens, 0, ofPrompt);
        System.arraycopy(chosen, Math.max(0, from - prompt.length), tokens, ofPrompt, tokens.length - ofPrompt);
        return tokens;
    }

    int samples() {
        return of.samples();
    }

    int mostNew() {
        return mostNew;
    }

    CounterRandom random(int sample) {
        return of.random().derive(sample);
    }

    /** Where a new sample is; null where any token may come. */
    TokenConstraint.@Nullable Cursor cursor(boolean hasEnd) {
        return of.cursor(hasEnd, mostNew);
    }

    StopRule.Watch watch() {
        return of.stopRule().begin();
    }

    /** Pages of the prompt alone. */
    int promptPages() {
        return CacheLayout.pages(promptIds().length);
    }

    /** Pages of a whole sequence: the last token's keys and values are never needed. */
    int sequencePages() {
        return CacheLayout.pages(promptIds().length + mostNew - 1);
    }

    /** Pages that the next sample to start takes from the free ones: the last one continues in the prompt's own. */
    int pagesToStart() {
        int shared = unstarted == 1 ? promptPages() : promptIds().length / CacheLayout.PAGE;
        return sequencePages() - shared;
    }

    /** Takes the prompt's pages; then the prompt's keys and values can be stored. */
    int[] open(KeyValueCache cache) {
        pages = take(cache, new int[promptPages()], 0);
        return pages;
    }

    /** The pages of one more sample, with the prompt in them. */
    int[] startSample(KeyValueCache cache) {
        int[] table = new int[sequencePages()];
        int whole = promptIds().length / CacheLayout.PAGE;
        boolean last = unstarted == 1;
        int inherited = last ? pages.length : whole;
        for (int i = 0; i < inherited; i++) {
            table[i] = pages[i];
            if (!last) {
                cache.share(pages[i]);
            }
        }
        take(cache, table, inherited);
        if (!last && whole < pages.length) {
            cache.copyPage(table[whole], pages[whole]);
        }
        unstarted--;
        return table;
    }

    /** A sample that ended with its first token needs no pages of its own. */
    void skipSample(KeyValueCache cache) {
        if (--unstarted == 0) {
            for (int page : pages) {
                cache.giveBack(page);
            }
        }
    }

    private static int[] take(KeyValueCache cache, int[] table, int from) {
        for (int i = from; i < table.length; i++) {
            table[i] = cache.take();
        }
        return table;
    }
}
