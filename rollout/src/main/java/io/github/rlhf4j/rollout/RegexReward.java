package io.github.rlhf4j.rollout;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.GivenKeys;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** {@code regex}: 1 where the expression (java.util.regex) is found in the response, or is all of it; else 0. */
final class RegexReward implements RewardFunction {
    static final ConfigKey<String> PATTERN = ConfigKey.text("pattern").meaning("a regular expression");
    static final ConfigKey<Boolean> FULL =
            ConfigKey.flag("full_match", false).meaning("whether it must be the whole response");

    private final Pattern pattern;
    private final boolean isFull;

    RegexReward() {
        this(Pattern.compile(""), false);
    }

    private RegexReward(Pattern pattern, boolean isFull) {
        this.pattern = pattern;
        this.isFull = isFull;
    }

    @Override
    public List<ConfigKey<?>> keys() {
        return List.of(PATTERN, FULL);
    }

    @Override
    public RewardFunction with(GivenKeys given) {
        return new RegexReward(compiled(given.get(PATTERN)), given.get(FULL));
    }

    private static Pattern compiled(String expression) {
        try {
            return Pattern.compile(expression);
        } catch (PatternSyntaxException e) {
            checkConfig(false, PATTERN.name(), expression, "must be a regular expression (" + e.getDescription() + ")");
            throw e;
        }
    }

    @Override
    public double[] score(List<Answer> answers) {
        return answers.stream()
                .mapToDouble(answer -> isFound(answer.response()) ? 1 : 0)
                .toArray();
    }

    private boolean isFound(String text) {
        Matcher matcher = pattern.matcher(new BudgetedText(text));
        return isFull ? matcher.matches() : matcher.find();
    }
}
