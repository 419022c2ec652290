package io.github.rlhf4j.serve;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.ContinuousBatch;
import io.github.rlhf4j.core.generation.GenerationLimits;
import io.github.rlhf4j.core.generation.GenerationRequest;
import io.github.rlhf4j.core.generation.LiveRequest;
import io.github.rlhf4j.core.generation.PromptTokens;
import io.github.rlhf4j.core.generation.StopRule;
import io.github.rlhf4j.core.generation.TokenConstraint;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tokenizer.TokenTexts;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A model that is being served: its tokenizer, its batch, and what its endpoints have in common. */
final class Served implements AutoCloseable {
    private final ModelConfig config;
    private final Tokenizer tokenizer;
    private final ServeSettings settings;
    private final PromptTokens prompts;
    private final TokenStrings strings;
    private final Structures structures;
    private final ContinuousBatch batch;
    private final BatchLoop loop;
    private final ToolFormat tools;
    private final CounterRandom random;
    private final ServeMetrics metrics = new ServeMetrics();
    private final AtomicLong number = new AtomicLong();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final long started = System.currentTimeMillis() / 1000;

    Served(Transformer model, Tokenizer tokenizer, ServeSettings settings) {
        TokenTexts texts = TokenTexts.of(tokenizer);
        this.config = model.config();
        this.tokenizer = tokenizer;
        this.settings = settings;
        this.prompts = new PromptTokens(tokenizer);
        this.strings = new TokenStrings(tokenizer, texts);
        this.structures = new Structures(texts);
        GenerationLimits limits = new GenerationLimits(
                settings.maxBatch(), settings.cacheBytes(), settings.steps().maxTokens());
        this.batch = new ContinuousBatch(model, limits, settings.steps().sharesPrefixes());
        batch.speculate(settings.steps().speculation());
        this.tools = ToolFormat.of(tokenizer);
        this.loop = new BatchLoop(batch);
        this.random = CounterRandom.of(settings.seed()).derive("serve");
        loop.start();
    }

    ServeSettings settings() {
        return settings;
    }

    Tokenizer tokenizer() {
        return tokenizer;
    }

    PromptTokens prompts() {
        return prompts;
    }

    TokenStrings strings() {
        return strings;
    }

    Structures structures() {
        return structures;
    }

    /** How the model writes calls of tools. */
    ToolFormat tools() {
        return tools;
    }

    ServeMetrics metrics() {
        return metrics;
    }

    BatchLoop loop() {
        return loop;
    }

    int vocabulary() {
        return config.vocabSize();
    }

    /** Most tokens of prompt and continuation: the model's, what the cache has room for, or what was asked for. */
    int context() {
        int most = (int) Math.min(config.maxPositions(), batch.cacheTokens());
        return settings.maxContext() == 0 ? most : Math.min(settings.maxContext(), most);
    }

    /** Tokens that the cache has room for. */
    long cacheTokens() {
        return batch.cacheTokens();
    }

    /** When it began, in seconds since 1970. */
    long started() {
        return started;
    }

    /** Another one, in the order of the requests. */
    long nextNumber() {
        return number.incrementAndGet();
    }

    private void enter() {
        if (inFlight.incrementAndGet() > settings.maxBatch() + settings.maxQueue()) {
            leave();
            throw new ApiError(
                            429,
                            "the server has " + settings.maxQueue() + " requests waiting: ask again in a moment",
                            "",
                            "rate_limit_exceeded")
                    .with("Retry-After", "1");
        }
    }

    /** A request that was submitted has its answer, or nobody who waits for it. */
    void leave() {
        inFlight.decrementAndGet();
    }

    /** @throws ApiError 404 where a request names another model */
    void checkModel(Fields fields) {
        fields.text("model").filter(name -> !name.equals(settings.name())).ifPresent(name -> {
            throw new ApiError(
                    404,
                    "the model \"" + name + "\" does not exist: this server has \"" + settings.name() + "\"",
                    "model",
                    "model_not_found");
        });
    }

    /**
     * Most new tokens of a prompt's continuation.
     *
     * @throws ApiError where prompt and what was asked for do not fit the context
     */
    int mostNew(int promptTokens, int asked) {
        int room = context() - promptTokens;
        if (room < 1 || asked > room) {
            throw new ApiError(
                    400,
                    "this model's maximum context length is " + context() + " tokens, but the prompt has "
                            + promptTokens
                            + (asked == 0 ? "" : " and " + asked + " more are asked for")
                            + ": shorten the prompt, or ask for fewer",
                    "",
                    "context_length_exceeded");
        }
        return asked == 0 ? room : asked;
    }

    /**
     * What is reported beside the tokens.
     *
     * @param logProbs whether log-probs are
     * @param top how many of the most likely tokens are
     * @param readsPrompt whether the prompt's are too
     */
    record Reports(boolean logProbs, int top, boolean readsPrompt) {}

    /**
     * Gives the prompts of a request to the batch; it must {@link #leave} in the end.
     *
     * @param maxNew most new tokens of each
     * @throws ApiError 429 where too many wait already
     */
    Job submit(List<int[]> ids, Sampling sampling, int[] maxNew, TokenConstraint constraint, Reports reports) {
        enter();
        try {
            return given(ids, sampling, maxNew, constraint, reports);
        } catch (RuntimeException e) {
            leave();
            throw e;
        }
    }

    private Job given(List<int[]> ids, Sampling sampling, int[] maxNew, TokenConstraint constraint, Reports reports) {
        Job job = new Job();
        long requestNumber = nextNumber();
        CounterRandom ofRequest = sampling.seed().isPresent()
                ? CounterRandom.of(sampling.seed().get()).derive("request")
                : random.derive(requestNumber);
        List<LiveRequest> requests = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            int[] prompt = ids.get(i);
            TokenConstraint held = prompts.isTextStart(prompt) ? constraint.atTextStart() : constraint;
            GenerationRequest request = new GenerationRequest(
                    prompt, sampling.samples(), ofRequest.derive(i), stopRule(sampling.stop(), prompt), held);
            LiveRequest live = new LiveRequest(
                    request,
                    sampling.options(maxNew[i], tokenizer.stopIds(), reports.top()),
                    sampling.changes(),
                    reports.logProbs(),
                    reports.readsPrompt(),
                    job.listener(i, sampling.samples()));
            try {
                batch.check(live);
            } catch (UserError e) {
                throw new ApiError(400, String.valueOf(e.getMessage()), "prompt", "");
            }
            requests.add(live);
            metrics.prompt(prompt.length);
        }
        if (!loop.add(requests)) {
            throw new ApiError(503, "the server cannot compute any more: start it again", "", "");
        }
        return job;
    }

    /** Ends a continuation with the token that completes one of some texts; the prompt's text does not count. */
    private StopRule stopRule(List<String> texts, int[] prompt) {
        if (texts.isEmpty()) {
            return StopRule.NEVER;
        }
        return () -> {
            SampleText text = new SampleText(prompts.decoderAfter(prompt), texts);
            return id -> {
                if (id < tokenizer.vocabSize()) {
                    text.push(id);
                }
                return text.hasEnded();
            };
        };
    }

    @Override
    public void close() {
        loop.close();
    }
}
