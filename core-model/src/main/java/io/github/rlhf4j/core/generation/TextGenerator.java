package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.tokenizer.StreamingDecoder;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/** Continues texts: a {@link Generator} with a tokenizer. Owns neither. Not thread-safe. */
public final class TextGenerator {
    private final Tokenizer tokenizer;
    private final PromptTokens promptTokens;
    private final Generator generator;
    private final List<String> stopStrings;
    private final BooleanSupplier isUnwanted;
    private final TokenConstraint constraint;

    /** @param tokenizer the model's own */
    public TextGenerator(Tokenizer tokenizer, Generator generator) {
        this(tokenizer, generator, List.of(), () -> false);
    }

    /** As the other, with texts of any kind. */
    public TextGenerator(
            Tokenizer tokenizer, Generator generator, List<String> stopStrings, BooleanSupplier isUnwanted) {
        this(tokenizer, generator, stopStrings, isUnwanted, TokenConstraint.NONE);
    }

    /**
     * @param tokenizer the model's own
     * @param stopStrings end a continuation with the token that completes one of them, as in transformers; tokens and text keep it
     * @param isUnwanted asked at every token, whether all continuations shall end with it
     * @param constraint what continuations are held to
     */
    public TextGenerator(
            Tokenizer tokenizer,
            Generator generator,
            List<String> stopStrings,
            BooleanSupplier isUnwanted,
            TokenConstraint constraint) {
        if (stopStrings.contains("")) {
            throw new UserError("a stop string must have at least one character");
        }
        this.tokenizer = tokenizer;
        this.promptTokens = new PromptTokens(tokenizer);
        this.generator = generator;
        this.stopStrings = List.copyOf(stopStrings);
        this.isUnwanted = isUnwanted;
        this.constraint = constraint;
    }

    private TokenConstraint constraint(int[] promptIds) {
        return promptTokens.isTextStart(promptIds) ? constraint.atTextStart() : constraint;
    }

    private StopRule stopRule(int[] promptIds) {
        StopRule said = stopStrings.isEmpty()
                ? StopRule.NEVER
                : new StopStrings(stopStrings, tokenizer, promptIds, () -> promptTokens.decoderAfter(promptIds));
        return () -> {
            StopRule.Watch watch = said.begin();
            return id -> watch.endsWith(id) || isUnwanted.getAsBoolean();
        };
    }

    /** As {@link PromptTokens#of(String)}. */
    public int[] promptIds(String prompt) {
        return promptTokens.of(prompt);
    }

    /** As {@link PromptTokens#of(String, boolean)}. */
    public int[] promptIds(String prompt, boolean splitSpecialTokens) {
        return promptTokens.of(prompt, splitSpecialTokens);
    }

    /**
     * Continuations of each prompt, by prompt, then by sample.
     *
     * @param prompts their tokens
     * @param samples continuations of each, >= 1
     * @param random draws of prompt i come from {@code random.derive(i)}
     */
    public List<GeneratedText> generate(
            List<int[]> prompts, int samples, SamplingOptions options, CounterRandom random, TextListener listener) {
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            int[] prompt = prompts.get(i);
            requests.add(
                    new GenerationRequest(prompt, samples, random.derive(i), stopRule(prompt), constraint(prompt)));
        }
        Streams streams = new Streams(prompts, samples, listener);
        return generator.generate(requests, options, streams).stream()
                .map(generated -> withText(prompts.get(generated.request()), generated))
                .toList();
    }

    /**
     * Likely continuations of a prompt, found by beam search, the best first.
     *
     * @param prompt its tokens
     * @param count how many, at most as many as there are beams
     * @throws UserError where there are stop strings, which a search does not know
     */
    public List<GeneratedText> search(int[] prompt, int count, BeamOptions beams, SamplingOptions options) {
        if (!stopStrings.isEmpty()) {
            throw new UserError("stop strings are not known to beam search: leave them out");
        }
        GenerationRequest request =
                new GenerationRequest(prompt, count, CounterRandom.of(0), StopRule.NEVER, constraint(prompt));
        return generator.search(request, beams, options).stream()
                .map(generated -> withText(prompt, generated))
                .toList();
    }

    private GeneratedText withText(int[] prompt, Generated generated) {
        int[] context = promptTokens.context(prompt);
        int[] ids = IntStream.concat(IntStream.of(context), IntStream.of(generated.ids()))
                .toArray();
        String text = tokenizer.decode(ids, true);
        return new GeneratedText(text.substring(tokenizer.decode(context, true).length()), generated);
    }

    /** Decodes each sample's tokens as they come. */
    private final class Streams implements GenerationListener {
        private final List<int[]> prompts;
        private final int samples;
        private final TextListener listener;
        private final Map<Integer, StreamingDecoder> decoders = new HashMap<>(); // by number, never iterated

        Streams(List<int[]> prompts, int samples, TextListener listener) {
            this.prompts = prompts;
            this.samples = samples;
            this.listener = listener;
        }

        @Override
        public void onToken(int request, int sample, int index, int id) {
            if (listener != TextListener.NONE) {
                int number = request * samples + sample;
                StreamingDecoder decoder =
                        decoders.computeIfAbsent(number, key -> promptTokens.decoderAfter(prompts.get(request)));
                tell(request, sample, decoder.push(id));
            }
        }

        @Override
        public void onFinished(Generated generated) {
            StreamingDecoder decoder = decoders.remove(generated.request() * samples + generated.sample());
            if (decoder != null) {
                tell(generated.request(), generated.sample(), decoder.finish());
                listener.onFinished(withText(prompts.get(generated.request()), generated));
            }
        }

        private void tell(int request, int sample, String piece) {
            if (!piece.isEmpty()) {
                listener.onText(request, sample, piece);
            }
        }
    }
}
