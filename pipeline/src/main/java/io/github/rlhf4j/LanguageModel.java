package io.github.rlhf4j;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.AnswerText;
import io.github.rlhf4j.core.generation.GeneratedText;
import io.github.rlhf4j.core.generation.Generator;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.generation.Scorer;
import io.github.rlhf4j.core.generation.ScoringTokens;
import io.github.rlhf4j.core.generation.TextGenerator;
import io.github.rlhf4j.core.generation.TextListener;
import io.github.rlhf4j.core.generation.TokenConstraint;
import io.github.rlhf4j.core.grammar.StructuredOutputs;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import io.github.rlhf4j.datasets.training.ChatTokens;
import io.github.rlhf4j.pipeline.model.GivenModel;
import io.github.rlhf4j.pipeline.model.OpenModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An open model that writes text.
 *
 * <pre>{@code
 * try (LanguageModel model = rlhf4j.languageModel(Path.of("runs/first/dpo"))) {
 *     String text = model.generate("Once upon a time");
 *     String answer = model.chat(List.of(new ChatMessage("user", "What is the capital of France?")));
 * }
 * }</pre>
 *
 * <p>The same prompt, options and seed give the same text, whatever else is asked of the model. Owns its weights, a copy of them in the form that generation needs, and a cache, all in native memory, until
 * {@link #close} or that of its engine. Threads may share it: one call at a time is served, and the others wait.
 */
public final class LanguageModel implements AutoCloseable {
    private static final int PROMPTS_AT_ONCE = 512;

    private final OpenModel model;
    private final ChatTokens chat;
    private final Consumer<AutoCloseable> onClose;
    private @Nullable Generator generator;
    private @Nullable Held held;
    private boolean closed;

    private LanguageModel(OpenModel model, Consumer<AutoCloseable> onClose) {
        this.model = model;
        this.chat = ChatTokens.of(model.tokenizer());
        this.onClose = onClose;
    }

    static LanguageModel open(GivenModel given, Kernels kernels, Consumer<AutoCloseable> onClose) {
        return new LanguageModel(OpenModel.openLanguageModel(given, kernels), onClose);
    }

    /** Continues a prompt with {@link GenerationOptions#DEFAULT}: the new text alone. */
    public String generate(String prompt) {
        return generate(prompt, GenerationOptions.DEFAULT);
    }

    /**
     * Continues a prompt.
     *
     * @return the new text alone, of the first sample
     * @throws UserError where the prompt does not fit the model's context
     */
    public String generate(String prompt, GenerationOptions options) {
        return generate(List.of(prompt), options).get(0).text();
    }

    /**
     * Continues many prompts together, which is faster than one after the other.
     *
     * @return by prompt, then by sample: texts with their tokens and log-probs
     */
    public List<GeneratedText> generate(List<String> prompts, GenerationOptions options) {
        List<GeneratedText> texts = new ArrayList<>();
        generate(
                prompts.stream().map(Prompt::new).iterator(),
                options,
                TextListener.NONE,
                (prompt, text) -> texts.add(text));
        return texts;
    }

    /**
     * Continues the prompts of a dataset, some at a time.
     *
     * @param listener hears of pieces of text and of ends as they come; its prompts count from 0 among those that are continued together
     * @param taker takes each prompt with each of its samples, in order
     */
    public synchronized void generate(
            Iterator<Prompt> prompts,
            GenerationOptions options,
            TextListener listener,
            BiConsumer<Prompt, GeneratedText> taker) {
        TextGenerator texts = texts(options);
        CounterRandom random = CounterRandom.of(options.seed()).derive("generate");
        for (long part = 0; prompts.hasNext(); part++) {
            List<Prompt> some = new ArrayList<>();
            while (some.size() < PROMPTS_AT_ONCE && prompts.hasNext()) {
                some.add(prompts.next());
            }
            List<int[]> ids = some.stream()
                    .map(prompt -> ids(prompt.prompt(), texts, options))
                    .toList();
            SamplingOptions sampling = options.sampling(model.tokenizer().stopIds());
            if (options.beams().isPresent()) {
                search(some, ids, texts, options, sampling, listener, taker);
                continue;
            }
            texts.generate(ids, options.samples(), sampling, random.derive(part), listener)
                    .forEach(text -> taker.accept(some.get(text.tokens().request()), text));
        }
    }

    private static void search(
            List<Prompt> prompts,
            List<int[]> ids,
            TextGenerator texts,
            GenerationOptions options,
            SamplingOptions sampling,
            TextListener listener,
            BiConsumer<Prompt, GeneratedText> taker) {
        for (int i = 0; i < prompts.size(); i++) {
            Prompt prompt = prompts.get(i);
            texts.search(ids.get(i), options.samples(), options.beams().orElseThrow(), sampling)
                    .forEach(text -> {
                        listener.onFinished(text);
                        taker.accept(prompt, text);
                    });
        }
    }

    private int[] ids(Content content, TextGenerator texts, GenerationOptions options) {
        if (content instanceof Content.Messages messages) {
            return chat.prompt(messages.messages(), false);
        }
        String text = ((Content.Text) content).text();
        return options.chat() ? chat.prompt(List.of(new ChatMessage("user", text)), false) : texts.promptIds(text);
    }

    /** Answers a conversation with {@link GenerationOptions#DEFAULT}. */
    public String chat(List<ChatMessage> messages) {
        return chat(messages, GenerationOptions.DEFAULT);
    }

    /** As the other, with options. */
    public String chat(List<ChatMessage> messages, GenerationOptions options) {
        return chat(messages, options, piece -> {});
    }

    /**
     * Answers a conversation by the model's chat template.
     *
     * @param messages oldest first; roles are {@code system}, {@code user} and {@code assistant}. Texts of special tokens in them are texts
     * @param listener takes pieces of the answer as they come, never the middle of a character
     * @return the assistant's next message, without a stop text that ended it
     * @throws UserError where the model has no template, or the conversation does not fit its context
     */
    public synchronized String chat(List<ChatMessage> messages, GenerationOptions options, Consumer<String> listener) {
        TextGenerator texts = texts(options);
        long turn = messages.stream()
                        .filter(message -> message.role().equals("user"))
                        .count()
                - 1;
        CounterRandom random = CounterRandom.of(options.seed()).derive("chat").derive(Math.max(0, turn));
        AnswerText answer = new AnswerText(options.stop(), listener);
        texts.generate(
                List.of(chat.prompt(messages, true)),
                1,
                options.sampling(model.tokenizer().stopIds()),
                random,
                answer);
        return answer.finish();
    }

    /**
     * The log-prob of each token of a text, as the command {@code score} gives it: by the tokenizer's own rule, so with BOS if it adds one, and no end token.
     *
     * @throws UserError where the text has no token or does not fit the model's context
     */
    public synchronized Scorer.Scored logProbs(String text) {
        return scored(new ScoringTokens(tokenizer()).text(text));
    }

    /** As the other, of a prompt and a completion as one text with an end token: as training sees them. */
    public synchronized Scorer.Scored logProbs(String prompt, String completion) {
        return scored(new ScoringTokens(tokenizer()).joint(prompt, completion));
    }

    /** As the others, of a conversation by the model's chat template. */
    public synchronized Scorer.Scored logProbs(List<ChatMessage> messages) {
        return scored(chat.conversation(messages));
    }

    private Scorer.Scored scored(int[] ids) {
        return new Scorer(transformer()).score(ids);
    }

    private TextGenerator texts(GenerationOptions options) {
        return new TextGenerator(
                tokenizer(), generator(), options.stop(), () -> false, constraint(options.structuredOutputs()));
    }

    /**
     * What holds this model's texts to something; the last one is kept, since it remembers what it has found out.
     *
     * @throws UserError where its tokenizer cannot write such a text
     */
    public synchronized TokenConstraint constraint(Optional<StructuredOutputs> outputs) {
        if (outputs.isEmpty()) {
            return TokenConstraint.NONE;
        }
        Held present = held;
        if (present == null || present.outputs() != outputs.get()) {
            present = new Held(outputs.get(), outputs.get().constraint(tokenizer()));
            held = present;
        }
        return present.constraint();
    }

    /** A constraint and what it was made of. */
    private record Held(StructuredOutputs outputs, TokenConstraint constraint) {}

    /** Its folder. */
    public Path folder() {
        return model.path();
    }

    /** Its tokenizer, which lasts as long as the model. */
    public Tokenizer tokenizer() {
        return model.tokenizer();
    }

    /** The transformer itself, which lasts as long as the model; for calculations of one's own, one thread at a time. */
    public Transformer transformer() {
        requireOpen();
        return model.transformer();
    }

    /** What writes, below the texts; lasts as long as the model. One thread at a time. */
    public synchronized Generator generator() {
        requireOpen();
        Generator made = generator;
        if (made == null) {
            made = new Generator(model.transformer());
            generator = made;
        }
        return made;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the model of " + model.path() + " is closed");
        }
    }

    /** Frees the memory, after a call that is in progress; again, it does nothing. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        onClose.accept(this);
        if (generator != null) {
            generator.close();
        }
        model.close();
    }
}
