package io.github.rlhf4j.cli;

import io.github.rlhf4j.core.generation.GeneratedText;
import io.github.rlhf4j.datasets.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Gathers the samples of each prompt, which come in order. */
final class SampleGroups implements BiConsumer<Prompt, GeneratedText> {
    private final BiConsumer<Prompt, List<GeneratedText>> taker;
    private @Nullable Prompt prompt;
    private List<GeneratedText> samples = new ArrayList<>();

    SampleGroups(BiConsumer<Prompt, List<GeneratedText>> taker) {
        this.taker = taker;
    }

    @Override
    public void accept(Prompt of, GeneratedText sample) {
        if (sample.tokens().sample() == 0) {
            finish();
        }
        prompt = of;
        samples.add(sample);
    }

    /** The last prompt has all its samples. */
    void finish() {
        if (prompt != null && !samples.isEmpty()) {
            taker.accept(prompt, samples);
        }
        samples = new ArrayList<>();
    }
}
