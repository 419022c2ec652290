package io.github.rlhf4j.rollout;

import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.GivenKeys;
import java.util.List;
import java.util.regex.Pattern;

/** {@code format}: 1 where the response has the parts that it should have, in order; else 0. */
final class FormatReward implements RewardFunction {
    /** Which parts. */
    enum Layout {
        /** {@code <think>...</think>} and then anything: TRL's think_format_reward. */
        THINK("^<think>(?!.*<think>)(.*?)</think>.*$"),
        /** {@code <think>...</think><answer>...</answer>}: DeepSeek-AI 2025, arXiv:2501.12948, table 1. */
        THINK_ANSWER(
                "^<think>(?!.*<think>)(.*?)</think>\\s*<answer>(?!.*<answer>)(?!.*</answer>.*</answer>)(.*?)</answer>\\s*\\z");

        private final Pattern pattern;

        Layout(String pattern) {
            this.pattern = Pattern.compile(pattern, Pattern.DOTALL | Pattern.MULTILINE);
        }
    }

    static final ConfigKey<Layout> LAYOUT = ConfigKey.choice("layout", Layout.THINK)
            .meaning(
                    "think: <think>...</think> and anything after it; think_answer: <answer>...</answer> after it, and nothing else");

    private final Layout layout;

    FormatReward() {
        this(GivenKeys.NONE);
    }

    private FormatReward(GivenKeys given) {
        layout = given.get(LAYOUT);
    }

    @Override
    public List<ConfigKey<?>> keys() {
        return List.of(LAYOUT);
    }

    @Override
    public RewardFunction with(GivenKeys given) {
        return new FormatReward(given);
    }

    @Override
    public double[] score(List<Answer> answers) {
        return answers.stream()
                .mapToDouble(answer -> layout.pattern
                                .matcher(new BudgetedText(answer.response()))
                                .lookingAt()
                        ? 1
                        : 0)
                .toArray();
    }
}
