package io.github.rlhf4j.rollout;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.train.NonFinite;
import io.github.rlhf4j.core.train.RowPlaces;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A reward that failed on responses: it threw, took too long, or answered what is no list of finite scores. */
public final class RewardFailure extends UserError {
    private static final long serialVersionUID = 1L;

    private final String advice;
    private final transient List<Integer> places;
    private final boolean areToBlame;
    private final transient Map<Integer, Double> scores;

    private RewardFailure(
            String message,
            String advice,
            List<Integer> places,
            boolean areToBlame,
            Map<Integer, Double> scores,
            @Nullable Throwable cause) {
        super(message + advice, cause);
        this.advice = advice;
        this.places = List.copyOf(places);
        this.areToBlame = areToBlame;
        this.scores = new LinkedHashMap<>(scores);
    }

    /**
     * On one response among others.
     *
     * @param place of the response among those that were scored
     * @param advice from a semicolon on, or nothing
     */
    static RewardFailure of(String message, String advice, int place, Throwable cause) {
        return new RewardFailure(message, advice, List.of(place), true, Map.of(), cause);
    }

    /** On some responses together, of which none alone is to blame. */
    static RewardFailure together(String message, String advice, List<Integer> places, @Nullable Throwable cause) {
        return new RewardFailure(message, advice, places, false, Map.of(), cause);
    }

    /** The same on all of so many. */
    static RewardFailure together(String message, String advice, int count, @Nullable Throwable cause) {
        return together(message, advice, IntStream.range(0, count).boxed().toList(), cause);
    }

    /** Scores that are not finite, by the places of their responses. */
    static RewardFailure notFinite(String message, Map<Integer, Double> scores) {
        return new RewardFailure(message, "", List.copyOf(scores.keySet()), true, scores, null);
    }

    /**
     * Scores, where a failure names the rows of its responses. Scores that are not finite become a {@link NonFinite}, so that {@code on_nonfinite} decides.
     *
     * @param row what the row of a response was made of, by the place of the response among those that are scored
     */
    public static <T> T named(Supplier<T> scoring, IntFunction<Map<String, Object>> row) {
        try {
            return scoring.get();
        } catch (RewardFailure e) {
            throw e.at(row);
        }
    }

    /** The same where nothing is trained on the scores, so that those that are not finite end the stage as all other failures do. */
    public static <T> T ending(Supplier<T> scoring, IntFunction<Map<String, Object>> row) {
        try {
            return scoring.get();
        } catch (RewardFailure e) {
            throw e.from(row);
        }
    }

    private UserError at(IntFunction<Map<String, Object>> row) {
        if (scores.isEmpty()) {
            return from(row);
        }
        List<Map<String, Object>> wrong = new ArrayList<>();
        scores.forEach((place, score) -> wrong.add(Map.of("response", place, "score", String.valueOf(score))));
        return new NonFinite(String.valueOf(getMessage()), Map.of("scores_not_finite", wrong), places).at(row);
    }

    private UserError from(IntFunction<Map<String, Object>> row) {
        String message = String.valueOf(getMessage());
        String what = message.substring(0, message.length() - advice.length());
        List<Map<String, Object>> rows = places.stream().map(row::apply).toList();
        return new UserError(what + RowPlaces.said(rows, areToBlame) + advice, getCause());
    }
}
