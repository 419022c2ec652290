package io.github.rlhf4j.judge;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * The {@code judge:} of a run file: the name of a bound {@link Judge}, or a map that names one of openai, local, synthetic.
 *
 * @param name of a judge that a module has bound
 * @param openai a model behind an OpenAI-compatible server
 * @param local a model of ours, by the log-probabilities of its verdict tokens
 * @param synthetic the truth of the synthetic world, with a known error
 * @param prompts what a model is asked
 * @param bothOrders whether each pair is shown in both orders and the verdicts are averaged; absent: true
 * @param timeout seconds that a call of a bound judge may take; absent: no limit
 */
public record JudgeConfig(
        Optional<String> name,
        Optional<OpenAiConfig> openai,
        Optional<LocalConfig> local,
        Optional<SyntheticConfig> synthetic,
        JudgePromptConfig prompts,
        Optional<Boolean> bothOrders,
        OptionalDouble timeout) {
    /** What {@link #isTimeout} takes, in words. */
    static final String TIMEOUT_RANGE = "> 0 and at most 86400";

    private static final double LONGEST = 86_400; // s

    public JudgeConfig {
        List<Optional<?>> kinds = List.of(name, openai, local, synthetic);
        long given = kinds.stream().filter(Optional::isPresent).count();
        checkConfig(given == 1, "openai", given + " kinds", "must be given, or local, synthetic or name: one of them");
        boolean isAsked = openai.isPresent() || local.isPresent();
        checkConfig(
                isAsked || prompts.equals(JudgePromptConfig.DEFAULT),
                "mode",
                "given",
                "and constitution, system_prompt and verdicts are for openai and local alone, so must be left out");
        checkConfig(
                name.isEmpty() || bothOrders.isEmpty(),
                "both_orders",
                bothOrders.orElse(true),
                "must be left out: a bound judge sees the responses in an order drawn from their texts");
        checkConfig(
                prompts.modeOrDefault() != JudgeMode.SCORING || bothOrders.isEmpty(),
                "both_orders",
                bothOrders.orElse(true),
                "does nothing with mode: scoring, so must be left out");
        checkConfig(
                local.isEmpty() || prompts.modeOrDefault() != JudgeMode.LISTWISE,
                "mode",
                "listwise",
                "must be pairwise or scoring for a local judge, which does not write");
        checkConfig(isTimeout(timeout.orElse(1)), "timeout", timeout.orElse(1), "must be seconds " + TIMEOUT_RANGE);
        checkConfig(
                timeout.isEmpty() || name.isPresent(),
                "timeout",
                timeout.orElse(0),
                "must be left out: it is for a bound judge, of a server it is openai.timeout");
    }

    static boolean isTimeout(double seconds) {
        return seconds > 0 && seconds <= LONGEST;
    }

    /** The bound judge of that name. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static JudgeConfig named(String name) {
        return new JudgeConfig(
                Optional.of(name),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                JudgePromptConfig.DEFAULT,
                Optional.empty(),
                OptionalDouble.empty());
    }

    /** A model behind a server, compared in both orders. */
    public static JudgeConfig of(OpenAiConfig openai) {
        return new JudgeConfig(
                Optional.empty(),
                Optional.of(openai),
                Optional.empty(),
                Optional.empty(),
                JudgePromptConfig.DEFAULT,
                Optional.empty(),
                OptionalDouble.empty());
    }

    /** A model of ours, compared in both orders. */
    public static JudgeConfig of(LocalConfig local) {
        return new JudgeConfig(
                Optional.empty(),
                Optional.empty(),
                Optional.of(local),
                Optional.empty(),
                JudgePromptConfig.DEFAULT,
                Optional.empty(),
                OptionalDouble.empty());
    }

    /** The synthetic world's truth. */
    public static JudgeConfig of(SyntheticConfig synthetic) {
        return new JudgeConfig(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(synthetic),
                JudgePromptConfig.DEFAULT,
                Optional.empty(),
                OptionalDouble.empty());
    }

    /** The same, asked otherwise. */
    public JudgeConfig asking(JudgePromptConfig other) {
        return new JudgeConfig(name, openai, local, synthetic, other, bothOrders, timeout);
    }

    /** The same, with pairs in both orders or in one. */
    public JudgeConfig inBothOrders(boolean both) {
        return new JudgeConfig(name, openai, local, synthetic, prompts, Optional.of(both), timeout);
    }

    /** The same, whose calls may take so many seconds. */
    public JudgeConfig within(double seconds) {
        return new JudgeConfig(name, openai, local, synthetic, prompts, bothOrders, OptionalDouble.of(seconds));
    }

    /** Whether pairs are shown in both orders. */
    boolean showsBothOrders() {
        return name.isEmpty() && prompts.modeOrDefault() != JudgeMode.SCORING && bothOrders.orElse(true);
    }

    /** For messages. */
    public String shown() {
        return Stream.of(
                        name,
                        openai.map(server ->
                                server.model() + " at " + server.address().shown()),
                        local.map(model -> model.model().shown()),
                        synthetic.map(truth -> "synthetic"))
                .flatMap(Optional::stream)
                .findFirst()
                .orElseThrow();
    }
}
