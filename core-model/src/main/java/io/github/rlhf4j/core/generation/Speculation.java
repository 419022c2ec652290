package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.model.IncrementalDecoder;
import io.github.rlhf4j.core.model.Transformer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Guesses at the next tokens, which the model then checks in one pass instead of one pass each. A guess stays where it is the token that would have been chosen with the same draw, so texts are the same to the bit, greedy or sampled: only the time differs.
 *
 * <p>Deviates from Leviathan et al. 2023 and Chen et al. 2023, whose rejection sampling keeps the distribution but not the text: here the draw of each token is fixed beforehand (its key is the sample and the place), and the assistant draws with the
 * same one. Of a guess that is certain, as prompt lookup's are, both accept equally often. Names and defaults are transformers'.
 *
 * @param promptLookupNumTokens what followed the last tokens earlier in the text: so many are guessed (Saxena 2023); 0: none
 * @param maxMatchingNgramSize the longest end of the text that is looked up, tokens
 * @param assistant a smaller model with the same vocabulary that guesses; the caller's
 * @param numAssistantTokens how many it guesses
 */
public record Speculation(
        int promptLookupNumTokens, int maxMatchingNgramSize, Optional<Transformer> assistant, int numAssistantTokens) {
    /** Guesses that are checked in one pass, at most: attention computes so many rows of a sequence together, and one. */
    public static final int MOST = 7;

    /** The default of {@link #maxMatchingNgramSize}. */
    public static final int NGRAM_SIZE = 2;

    /** The default of {@link #numAssistantTokens}. */
    public static final int ASSISTANT_TOKENS = 5;

    /** No guesses. */
    public static final Speculation NONE = new Speculation(0, NGRAM_SIZE, Optional.empty(), ASSISTANT_TOKENS);

    public Speculation {
        check("prompt_lookup_num_tokens", promptLookupNumTokens, 0, MOST);
        check("max_matching_ngram_size", maxMatchingNgramSize, 1, 64);
        check("num_assistant_tokens", numAssistantTokens, 1, MOST);
        if (promptLookupNumTokens > 0 && assistant.isPresent()) {
            throw new UserError("prompt_lookup_num_tokens and assistant_model both guess tokens: give one of them");
        }
    }

    private static void check(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new UserError(name + " must be in " + least + " .. " + most + ", but is " + value);
        }
    }

    /** Guesses by what followed earlier in the text. */
    public static Speculation promptLookup(int tokens) {
        return new Speculation(tokens, NONE.maxMatchingNgramSize, Optional.empty(), NONE.numAssistantTokens);
    }

    /** Guesses by a smaller model. */
    public static Speculation assisted(Transformer assistant, int tokens) {
        return new Speculation(0, NONE.maxMatchingNgramSize, Optional.of(assistant), tokens);
    }

    /** Whether anything is guessed. */
    public boolean isOn() {
        return promptLookupNumTokens > 0 || assistant.isPresent();
    }

    /**
     * What guesses for texts of {@code model}, which {@code decoder} computes; null where nothing is guessed.
     *
     * @throws UserError where the assistant has another vocabulary, or the earlier keys of one of the two depend on what follows
     */
    @Nullable
    Drafter drafter(Transformer model, IncrementalDecoder decoder) {
        if (!isOn()) {
            return null;
        }
        if (!decoder.isCausal()) {
            throw new UserError(
                    "tokens cannot be guessed for a model with dynamic rope scaling, whose keys change as a text"
                            + " grows");
        }
        if (assistant.isEmpty()) {
            return (text, most) -> PromptLookup.guess(
                    text.tokens(0, text.known()), maxMatchingNgramSize, Math.min(most, promptLookupNumTokens));
        }
        int own = model.config().vocabSize();
        int others = assistant.get().config().vocabSize();
        if (own != others) {
            throw new UserError("the assistant model must have the model's vocabulary of " + own + " tokens, but has "
                    + others + ": take a smaller model of the same family");
        }
        Assistant guessing = new Assistant(assistant.get(), numAssistantTokens);
        if (!guessing.isCausal()) {
            guessing.close();
            throw new UserError(
                    "the assistant model has dynamic rope scaling, with which it cannot guess: take another");
        }
        return guessing;
    }
}
