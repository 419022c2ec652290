package io.github.rlhf4j.cli;

import io.github.rlhf4j.RewardModel;
import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.SelfConsistency;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import picocli.CommandLine.Option;

/** Which of several samples are given, on the command line. */
final class SelectionFlags {
    @Option(
            names = "--best-of",
            paramLabel = "N",
            description = "Sample N continuations of each prompt, and give the best --num-samples of them.")
    private Optional<Integer> bestOf = Optional.empty();

    @Option(
            names = "--best-by",
            paramLabel = "WHAT",
            description = "What --best-of goes by: mean (log-prob of a token, default), sum (of log-probs), or reward.")
    private Optional<String> bestBy = Optional.empty();

    @Option(
            names = "--reward-model",
            paramLabel = "DIR",
            description = "The reward model whose score --best-of goes by.")
    private Optional<Path> rewardModel = Optional.empty();

    @Option(
            names = "--majority",
            description = "Give one of --num-samples: the first with the most frequent answer (self-consistency).")
    private boolean majority;

    @Option(names = "--consistency", description = "Say how far the samples of each prompt agree.")
    private boolean consistency;

    @Option(
            names = "--answer-regex",
            paramLabel = "EXPRESSION",
            description =
                    "Where a sample's answer is: the last match, its first group if it has one; else the whole text.")
    private Optional<String> answerRegex = Optional.empty();

    /** @param given samples asked for */
    void check(int given) {
        if (bestOf.isEmpty() && (bestBy.isPresent() || rewardModel.isPresent())) {
            throw new UserError("--best-by and --reward-model belong to --best-of N");
        }
        if (bestOf.isPresent() && bestOf.get() < Math.max(given, 1)) {
            throw new UserError("--best-of must be >= --num-samples = " + given + ", but is " + bestOf.get());
        }
        if (bestOf.isPresent() && majority) {
            throw new UserError("give one of --best-of and --majority");
        }
        if (answerRegex.isPresent() && !majority && !consistency) {
            throw new UserError("--answer-regex belongs to --majority or --consistency");
        }
        if ((majority || consistency) && Math.max(given, bestOf.orElse(0)) < 2) {
            throw new UserError("--majority and --consistency need --num-samples of 2 or more");
        }
        if (rewardModel.isPresent() != by().equals("reward")) {
            throw new UserError(
                    rewardModel.isPresent()
                            ? "--best-by must be reward with --reward-model, but is " + by()
                            : "--best-by reward needs --reward-model DIR");
        }
    }

    private String by() {
        String by = bestBy.orElse(rewardModel.isPresent() ? "reward" : "mean");
        if (!by.equals("mean") && !by.equals("sum") && !by.equals("reward")) {
            throw new UserError("--best-by must be mean, sum or reward, but is " + by);
        }
        return by;
    }

    int samples(int given) {
        return bestOf.orElse(given);
    }

    Selector selector(Rlhf4j rlhf4j, int wanted) {
        Optional<SelfConsistency.Extractor> answers =
                majority || consistency ? Optional.of(extractor()) : Optional.empty();
        Optional<RewardModel> reward = rewardModel.map(rlhf4j::rewardModel);
        return new Selector(
                bestOf.isPresent() ? Optional.of(by()) : Optional.empty(), reward, answers, majority, wanted);
    }

    private SelfConsistency.Extractor extractor() {
        if (answerRegex.isEmpty()) {
            return SelfConsistency.WHOLE;
        }
        try {
            return SelfConsistency.last(Pattern.compile(answerRegex.get()));
        } catch (PatternSyntaxException e) {
            throw new UserError(
                    "--answer-regex is no regular expression: " + e.getDescription() + " at character "
                            + (e.getIndex() + 1),
                    e);
        }
    }
}
