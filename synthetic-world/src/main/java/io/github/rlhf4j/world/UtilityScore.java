package io.github.rlhf4j.world;

/**
 * What the hidden utility finds in one answer.
 *
 * @param total the utility, in [-1, 1]; see {@link HiddenUtility}
 * @param correct how much of the answer is right, 0..1
 * @param form how well the form asked for is met, 0..1
 * @param concise 1 within the length a good answer needs, falling to 0 at two and a half times that
 * @param repetition the share of repeated sentences or pairs of words, 0..1
 * @param garbled the share of words that are no words of the world, 0..1
 * @param invention whether a false fact is asserted or an unanswerable question answered
 * @param unanswerable whether the right answer is to admit that one does not know
 * @param admitted whether the answer admits it
 * @param knowledge whether the prompt asks for facts; {@code factual} means something only there
 * @param factual whether the answer is right, wholly or in part, and invents nothing
 * @param useCase the use case of the prompt
 */
public record UtilityScore(
        double total,
        double correct,
        double form,
        double concise,
        double repetition,
        double garbled,
        boolean invention,
        boolean unanswerable,
        boolean admitted,
        boolean knowledge,
        boolean factual,
        UseCase useCase) {}
