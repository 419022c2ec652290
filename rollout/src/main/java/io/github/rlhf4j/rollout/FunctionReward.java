package io.github.rlhf4j.rollout;

import io.github.rlhf4j.core.UserError;
import java.util.List;
import java.util.OptionalDouble;

/** A {@link RewardFunction} as a reward: its answers are checked, its time and its failures are its guard's. */
final class FunctionReward implements Reward {
    private final String name;
    private final RewardFunction function;
    private final RewardGuard guard;

    /** @param name how messages call it, with its kind in front */
    FunctionReward(String name, RewardFunction function, RewardGuard guard) {
        this.name = name;
        this.function = function;
        this.guard = guard;
    }

    @Override
    public double[] score(List<Rollout> rollouts) {
        List<RewardFunction.Answer> answers =
                rollouts.stream().map(Rollout::answer).toList();
        if (guard.passesOver()) {
            return passingOver(answers);
        }
        try {
            return all(answers);
        } catch (RewardGuard.Failure e) {
            throw new UserError(
                    name + " failed on " + answers.size() + " responses: " + e.getMessage() + blamed(answers)
                            + "; an entry of rewards with on_failure: none passes over such responses",
                    e);
        }
    }

    /** The first response that the function fails on alone; nothing where it is none, or where each may take its time. */
    private String blamed(List<RewardFunction.Answer> answers) {
        if (guard.timeout().isPresent()) {
            return "";
        }
        for (RewardFunction.Answer answer : answers) {
            try {
                function.scoreOrNone(List.of(answer));
            } catch (Exception e) { // whatever a user's function throws
                return "; it fails on " + RewardGuard.shown(answer);
            }
        }
        return "";
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
            throw new UserError(name + " must return one score for each of " + answers.size()
                    + " responses, but returned " + scores.size());
        }
        double[] checked = new double[scores.size()];
        for (int i = 0; i < checked.length; i++) {
            OptionalDouble score = scores.get(i);
            if (score.isPresent() && !Double.isFinite(score.getAsDouble())) {
                String wrong = name + " must return finite scores, but returned " + score.getAsDouble() + " for "
                        + RewardGuard.shown(answers.get(i));
                throw guard.passesOver() ? new BadScore(wrong) : new UserError(wrong);
            }
            checked[i] = score.orElse(NONE);
        }
        return checked;
    }

    /** A score that is no number, where that is passed over. */
    private static final class BadScore extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BadScore(String what) {
            super(what);
        }
    }
}
