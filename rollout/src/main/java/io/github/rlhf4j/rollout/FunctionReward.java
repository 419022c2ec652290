package io.github.rlhf4j.rollout;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** A {@link RewardFunction} as a reward: its answers are checked, its time and its failures are its guard's. */
final class FunctionReward implements Reward {
    private static final String ADVICE = "; an entry of rewards with on_failure: none passes over such responses";

    private final String name;
    private final RewardFunction function;
    private final RewardGuard guard;
    private final String advice;

    /** @param name how messages call it, with its kind in front */
    FunctionReward(String name, RewardFunction function, RewardGuard guard) {
        this(name, function, guard, ADVICE);
    }

    /** @param advice at the end of a message about a failure, from a semicolon on, or nothing */
    FunctionReward(String name, RewardFunction function, RewardGuard guard, String advice) {
        this.name = name;
        this.function = function;
        this.guard = guard;
        this.advice = advice;
    }

    @Override
    public double[] score(List<Rollout> rollouts) {
        return scores(rollouts.stream().map(Rollout::answer).toList());
    }

    /** The same of the answers alone. */
    double[] scores(List<RewardFunction.Answer> answers) {
        if (guard.passesOver()) {
            return passingOver(answers);
        }
        try {
            return all(answers);
        } catch (RewardGuard.Failure e) {
            throw failure(answers, e);
        }
    }

    private RewardFailure failure(List<RewardFunction.Answer> answers, RewardGuard.Failure e) {
        String what = name + " failed on " + answers.size() + " responses: " + e.getMessage();
        OptionalInt blamed = blamed(answers);
        return blamed.isEmpty()
                ? RewardFailure.together(what, advice, answers.size(), e)
                : RewardFailure.of(
                        what + "; it fails on " + RewardGuard.shown(answers.get(blamed.getAsInt())),
                        advice,
                        blamed.getAsInt(),
                        e);
    }

    /** The first response that the function fails on alone; empty where it is none, or where each may take its time. */
    private OptionalInt blamed(List<RewardFunction.Answer> answers) {
        for (int i = 0; guard.timeout().isEmpty() && i < answers.size(); i++) {
            try {
                function.scoreOrNone(List.of(answers.get(i)));
            } catch (Exception e) { // whatever a user's function throws
                return OptionalInt.of(i);
            }
        }
        return OptionalInt.empty();
    }

    /** Together where that goes well, as functions are meant to be called, else one by one. */
    private double[] passingOver(List<RewardFunction.Answer> answers) {
        if (answers.stream().noneMatch(guard::hasFailed)) {
            try {
                return all(answers);
            } catch (RewardGuard.Failure | BadScore e) {
                // one of them is to blame
            }
        }
        double[] scores = answers.stream().mapToDouble(this::alone).toArray();
        guard.report(name, scores);
        return scores;
    }

    private double alone(RewardFunction.Answer answer) {
        if (guard.hasFailed(answer)) {
            return FAILED;
        }
        try {
            return all(List.of(answer))[0];
        } catch (RewardGuard.Failure | BadScore e) {
            guard.remember(answer, String.valueOf(e.getMessage()));
            return FAILED;
        }
    }

    private double[] all(List<RewardFunction.Answer> answers) throws RewardGuard.Failure {
        List<OptionalDouble> scores = guard.within(() -> function.scoreOrNone(answers));
        if (scores.size() != answers.size()) {
            throw RewardFailure.together(
                    name + " must return one score for each of " + answers.size() + " responses, but returned "
                            + scores.size(),
                    "",
                    answers.size(),
                    null);
        }
        double[] checked = new double[scores.size()];
        Map<Integer, Double> wrong = new LinkedHashMap<>();
        for (int i = 0; i < checked.length; i++) {
            checked[i] = scores.get(i).orElse(NONE);
            if (scores.get(i).isPresent() && !Double.isFinite(checked[i])) {
                wrong.put(i, checked[i]);
            }
        }
        if (!wrong.isEmpty()) {
            throw notFinite(wrong, answers);
        }
        return checked;
    }

    private RuntimeException notFinite(Map<Integer, Double> wrong, List<RewardFunction.Answer> answers) {
        Map.Entry<Integer, Double> first = wrong.entrySet().iterator().next();
        String message = name + " must return finite scores, but returned " + first.getValue() + " for "
                + RewardGuard.shown(answers.get(first.getKey()));
        return guard.passesOver() ? new BadScore(message) : RewardFailure.notFinite(message, wrong);
    }

    /** A score that is no number, where that is passed over. */
    private static final class BadScore extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BadScore(String what) {
            super(what);
        }
    }
}
