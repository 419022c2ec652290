package io.github.rlhf4j.cli;

import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.Speculation;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options of speculative decoding, by transformers' names. */
final class SpeculationFlags {
    @Option(
            names = "--prompt-lookup-num-tokens",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Guess N tokens by what followed the last ones earlier in the text; no text changes (0: none).")
    private int lookup;

    @Option(
            names = "--max-matching-ngram-size",
            paramLabel = "N",
            description = "The longest end of the text that is looked up, in tokens (" + Speculation.NGRAM_SIZE + ").")
    private Optional<Integer> ngram = Optional.empty();

    @Option(
            names = "--assistant-model",
            paramLabel = "DIR",
            description = "A smaller model with the same vocabulary guesses tokens; no text changes.")
    private Optional<Path> assistant = Optional.empty();

    @Option(
            names = "--num-assistant-tokens",
            paramLabel = "N",
            description =
                    "How many it guesses, at most " + Speculation.MOST + " (" + Speculation.ASSISTANT_TOKENS + ").")
    private Optional<Integer> assistantTokens = Optional.empty();

    /** What guesses, with its model open. */
    record Open(Speculation speculation, Optional<LanguageModel> model) implements AutoCloseable {
        @Override
        public void close() {
            model.ifPresent(LanguageModel::close);
        }
    }

    /** Whether anything shall be guessed. */
    boolean isGiven() {
        return lookup != 0 || assistant.isPresent();
    }

    /** Refuses options that are out of their ranges, before a model is read. */
    void check() {
        Speculation said = speculation(Optional.empty());
        if (said.isOn() && assistant.isPresent()) {
            throw new UserError("--prompt-lookup-num-tokens and --assistant-model both guess tokens: give one of them");
        }
        if (ngram.isPresent() && !said.isOn()) {
            throw new UserError("--max-matching-ngram-size does nothing without --prompt-lookup-num-tokens");
        }
        if (assistantTokens.isPresent() && assistant.isEmpty()) {
            throw new UserError("--num-assistant-tokens does nothing without --assistant-model");
        }
    }

    /** Opens the model that guesses, where there is one; it generates with float32. */
    Open open(Rlhf4j rlhf4j) {
        Optional<LanguageModel> model = assistant.map(rlhf4j::languageModel);
        return new Open(speculation(model), model);
    }

    private Speculation speculation(Optional<LanguageModel> model) {
        return new Speculation(
                lookup,
                ngram.orElse(Speculation.NGRAM_SIZE),
                model.map(LanguageModel::transformer),
                assistantTokens.orElse(Speculation.ASSISTANT_TOKENS));
    }
}
