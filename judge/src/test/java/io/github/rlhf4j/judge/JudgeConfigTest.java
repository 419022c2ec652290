package io.github.rlhf4j.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.stage.ConfigException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class JudgeConfigTest {
    private static final OpenAiConfig SERVER = OpenAiConfig.of("http://localhost:8000", "judge-1");

    private static JudgePromptConfig prompts(
            JudgeMode mode, List<String> constitution, String systemPrompt, String... verdicts) {
        return new JudgePromptConfig(
                Optional.of(mode),
                constitution,
                Optional.of(systemPrompt).filter(text -> !text.isEmpty()),
                List.of(verdicts));
    }

    private static void refuses(String key, ThrowingCallable made) {
        assertThatThrownBy(made).isInstanceOf(ConfigException.class).hasMessageStartingWith(key + " ");
    }

    @Test
    void theUrlOfAServerIsItsBaseOrTheWholePath() {
        String whole = "http://localhost:8000/v1/chat/completions";
        assertThat(SERVER.address().shown()).isEqualTo(whole);
        assertThat(OpenAiConfig.of("http://localhost:8000/v1/", "m").address().shown())
                .isEqualTo(whole);
        assertThat(OpenAiConfig.of(whole, "m").address().shown()).isEqualTo(whole);
        refuses("url", () -> OpenAiConfig.of("localhost", "m"));
        refuses("model", () -> OpenAiConfig.of("http://localhost", " "));
    }

    @Test
    void oneKindIsGiven() {
        JudgeConfig server = JudgeConfig.of(SERVER);
        refuses(
                "openai",
                () -> new JudgeConfig(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        JudgePromptConfig.DEFAULT,
                        Optional.empty(),
                        OptionalDouble.empty()));
        refuses(
                "openai",
                () -> new JudgeConfig(
                        Optional.of("mine"),
                        server.openai(),
                        Optional.empty(),
                        Optional.empty(),
                        JudgePromptConfig.DEFAULT,
                        Optional.empty(),
                        OptionalDouble.empty()));
    }

    @Test
    void aKeyThatDoesNothingIsRefused() {
        JudgePromptConfig constitution = prompts(JudgeMode.PAIRWISE, List.of("Be kind."), "");
        refuses("mode", () -> JudgeConfig.named("mine").asking(constitution));
        refuses("mode", () -> JudgeConfig.of(SyntheticConfig.of(0.1)).asking(constitution));
        refuses("both_orders", () -> JudgeConfig.named("mine").inBothOrders(true));
        refuses("timeout", () -> JudgeConfig.of(SERVER).within(5));
        refuses("timeout", () -> JudgeConfig.named("mine").within(0));
        refuses("verdicts", () -> prompts(JudgeMode.PAIRWISE, List.of(), "", "1", "2"));
        refuses("verdicts", () -> prompts(JudgeMode.LISTWISE, List.of(), "{prompt} {responses}", "1", "2"));
        refuses(
                "system_prompt",
                () -> prompts(JudgeMode.PAIRWISE, List.of(), "{principle} {prompt} {response0} {response1}"));
    }

    @Test
    void aQuestionHasAPlaceForEverything() {
        refuses("system_prompt", () -> prompts(JudgeMode.PAIRWISE, List.of(), "{prompt} {response0}"));
        refuses(
                "system_prompt",
                () -> prompts(JudgeMode.PAIRWISE, List.of("Be kind."), "{prompt} {response0} {response1}"));
        refuses("system_prompt", () -> prompts(JudgeMode.SCORING, List.of(), "{{prompt}} {response}"));
        refuses(
                "verdicts",
                () -> prompts(JudgeMode.PAIRWISE, List.of(), "{prompt} {response0} {response1}", "A", "(A)"));
        refuses("verdicts", () -> prompts(JudgeMode.SCORING, List.of(), "{prompt} {response}", "good", "bad"));
        refuses("constitution", () -> prompts(JudgeMode.PAIRWISE, List.of(" "), ""));
    }

    @Test
    void ratesAreShares() {
        refuses("error_rate", () -> SyntheticConfig.of(1.5));
        refuses("position_bias", () -> new SyntheticConfig(OptionalDouble.empty(), OptionalDouble.of(-0.1)));
    }

    @Test
    void placesAreFilledOnceAndDoubledBracesAreBraces() {
        assertThat(JudgePrompts.filled("{{a}} {prompt} {other}", Map.of("prompt", "{response} $1")))
                .isEqualTo("{a} {response} $1 {other}");
    }

    @Test
    void aTextIsAVerdictWhereItNamesOneAlone() {
        Verdicts verdicts = new Verdicts(List.of("(A)", "(B)"));
        assertThat(verdicts.ofText("(B)")).containsExactly(0, 1);
        assertThat(verdicts.ofText("The answer is A.")).containsExactly(1, 0);
        assertThat(verdicts.ofText("A is better than B")).isEmpty();
        assertThat(verdicts.ofText("ABBA")).isEmpty();
    }
}
