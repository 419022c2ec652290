package io.github.rlhf4j.world;

import io.github.rlhf4j.core.UserError;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What answers are really worth: the truth that simulated labelers see through noise and that no stage trains on directly.
 *
 * <pre>
 *   total = correct (0.4 + 0.35 form + 0.25 concise)
 *         + 0.15 [admits not to know, invents nothing, the prompt asks for a fact that is known]
 *         - 0.5 [invention] - 0.3 repetition - 0.3 garbled - 0.2 (1 - concise) - 0.3 [no word at all],   clipped to [-1, 1]
 * </pre>
 *
 * <p>{@code correct}: for facts, the share of the facts asked for that are stated and true; for lists, the share of listed items that are right and
 * different; for stories, (share of topics named) (share of sentences of stories, each by the share of its nouns that are topics); for all else 1 for an
 * accepted answer and, for one that shares more than half of one's words in order, half that share. For an unanswerable prompt it is 1 where the answer
 * admits it and answers nothing. So form and brevity are worth nothing without content, and a wrong fact costs more than silence: below a chance of about
 * 0.43 of being right, admitting is the better answer. Prompts are understood from their text alone; any response is accepted.
 */
public final class HiddenUtility {
    private static final double CORRECT = 0.4;
    private static final double FORM = 0.35;
    private static final double CONCISE = 0.25;
    private static final double ADMISSION = 0.15;
    private static final double INVENTION = 0.5;
    private static final double REPETITION = 0.3;
    private static final double GARBLED = 0.3;
    private static final double LENGTH = 0.2;
    private static final double SILENCE = 0.3;
    private static final double FAR_TOO_LONG = 2.5;

    private final FactBook book;
    private final Exercises exercises;
    private final Set<String> knownWords = new HashSet<>(Lexicon.reserved());

    HiddenUtility(FactBook book, Exercises exercises) {
        this.book = book;
        this.exercises = exercises;
        book.names().forEach(name -> knownWords.add(name.toLowerCase(Locale.ROOT)));
    }

    /** Whether {@code prompt} is one that this world could have asked. */
    public boolean understands(String prompt) {
        return exercises.read(prompt).isPresent();
    }

    /**
     * The worth of {@code response} as an answer to {@code prompt}; white space around either is ignored.
     *
     * @param response any text, also empty
     * @throws UserError where the prompt is none of this world's
     */
    public UtilityScore utility(String prompt, String response) {
        Optional<Task> task = exercises.read(prompt);
        return utility(
                task.orElseThrow(
                        () -> new UserError(
                                "prompt \"" + prompt.strip()
                                        + "\" is not one of the synthetic world: the hidden utility needs prompts of synthetic:<part>")),
                response);
    }

    UtilityScore utility(Task task, String response) {
        Reading reading = Reading.of(response);
        Expectation expectation = task.expectation();
        boolean unanswerable = task.unanswerable();
        boolean admitted = reading.admits();
        boolean invention =
                falseClaim(task, reading) || (unanswerable ? reading.answers() : expectation.wrongAnswer(reading));
        double correct = unanswerable ? (admitted && !reading.answers() ? 1 : 0) : expectation.correct(reading);
        double form = reading.shouts() && task.form() != Form.CAPITALS ? 0 : expectation.form(reading, task.form());
        double concise = concise(reading.words().size(), expectation.budget(task.form()));
        double garbled = garbled(task, reading);
        boolean usefulAdmission =
                admitted && !unanswerable && expectation.knowledge() && correct == 0 && !reading.answers();
        double total = correct * (CORRECT + FORM * form + CONCISE * concise)
                + (usefulAdmission ? ADMISSION : 0)
                - (invention ? INVENTION : 0)
                - REPETITION * reading.repetition()
                - GARBLED * garbled
                - LENGTH * (1 - concise)
                - (reading.empty() ? SILENCE : 0);
        return new UtilityScore(
                Math.max(-1, Math.min(1, total)),
                correct,
                form,
                concise,
                reading.repetition(),
                garbled,
                invention,
                unanswerable,
                admitted,
                expectation.knowledge(),
                correct > 0 && !invention,
                task.useCase());
    }

    private boolean falseClaim(Task task, Reading reading) {
        return reading.facts().stream()
                .anyMatch(claim -> !book.holds(claim) && task.given().stream().noneMatch(claim::same));
    }

    private double garbled(Task task, Reading reading) {
        Set<String> known = new HashSet<>(Lexicon.split(task.prompt()));
        long unknown = reading.words().stream()
                .filter(word -> !knownWords.contains(word) && !known.contains(word))
                .filter(word -> !Character.isDigit(word.charAt(0)))
                .count();
        return reading.empty() ? 0 : (double) unknown / reading.words().size();
    }

    private static double concise(int words, int budget) {
        double excess = (words - (double) budget) / ((FAR_TOO_LONG - 1) * budget);
        return Math.max(0, Math.min(1, 1 - excess));
    }
}
