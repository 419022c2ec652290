package io.github.rlhf4j.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.StageRun;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.Ranking;
import io.github.rlhf4j.judge.Judge.Pair;
import io.github.rlhf4j.judge.Judge.Question;
import io.github.rlhf4j.testing.Fault;
import io.github.rlhf4j.testing.FaultyServer;
import io.github.rlhf4j.testing.TinyModel;
import io.github.rlhf4j.world.HiddenUtility;
import io.github.rlhf4j.world.Part;
import io.github.rlhf4j.world.World;
import io.github.rlhf4j.world.WorldSize;
import io.github.rlhf4j.world.Worlds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Judges of every kind, as a stage opens them. */
class JudgesTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Worlds WORLDS = new Worlds(WorldSize.STANDARD);
    private static final List<Pair> PAIRS =
            List.of(new Pair("Say one.", "one", "eleven"), new Pair("Say two.", "twelve", "two"));

    @TempDir
    private Path folder;

    private final CpuKernels kernels = new CpuKernels(1);
    private final Judges judges = new Judges(Map.of(), Optional.of(WORLDS));

    @AfterEach
    void closeKernels() {
        kernels.close();
    }

    private StageRun stage() {
        return StageRun.builder(folder, kernels).seed(3).dataSeed(7).build();
    }

    private double[] compare(JudgeConfig config, List<Pair> pairs) {
        try (StageRun run = stage();
                OpenJudge judge = judges.open(config, run)) {
            return judge.compare(pairs);
        }
    }

    /** A chat completion. */
    private static ObjectNode answer(String text) {
        ObjectNode answer = MAPPER.createObjectNode().put("object", "chat.completion");
        ObjectNode choice = answer.putArray("choices").addObject().put("index", 0);
        choice.putObject("message").put("role", "assistant").put("content", text);
        choice.put("finish_reason", "stop");
        return answer;
    }

    /** The same with the log-probabilities of its only token. */
    private static ObjectNode answer(String text, Map<String, Double> probabilities) {
        ObjectNode answer = answer(text);
        ObjectNode token = ((ObjectNode) answer.path("choices").path(0))
                .putObject("logprobs")
                .putArray("content")
                .addObject()
                .put("token", text)
                .put("logprob", Math.log(probabilities.getOrDefault(text, 0.0)));
        ArrayNode top = token.putArray("top_logprobs");
        probabilities.forEach(
                (other, probability) -> top.addObject().put("token", other).put("logprob", Math.log(probability)));
        return answer;
    }

    private static String content(JsonNode request) {
        return request.path("messages").path(0).path("content").asText();
    }

    private static JudgeConfig openai(FaultyServer server) {
        return JudgeConfig.of(OpenAiConfig.of(server.url("/v1"), "judge-1"));
    }

    /** Prefers the shorter output, with 80 %, and a little what is shown first. */
    private static JsonNode preferringShort(JsonNode request) {
        String text = content(request);
        String first = text.replaceFirst("(?s).*\"0\",\\s+\"output\": \"\"\"(.*?)\"\"\".*", "$1");
        String second = text.replaceFirst("(?s).*\"1\",\\s+\"output\": \"\"\"(.*?)\"\"\".*", "$1");
        double probability = first.length() < second.length() ? 0.9 : 0.3;
        return answer(probability > 0.5 ? "0" : "1", Map.of("0", probability, "1", 1 - probability));
    }

    @Test
    void aServerIsAskedInBothOrdersAndItsProbabilitiesAreAveraged() {
        try (FaultyServer server = FaultyServer.answering(JudgesTest::preferringShort)) {
            double[] first = compare(openai(server), PAIRS);

            assertThat(first).containsExactly(new double[] {0.8, 0.2}, within(1e-9));
            assertThat(server.requests()).hasSize(4);
            JsonNode request = server.requests().get(0);
            assertThat(request.path("model").asText()).isEqualTo("judge-1");
            assertThat(request.path("temperature").asDouble()).isZero();
            assertThat(request.path("logprobs").asBoolean()).isTrue();
            assertThat(request.path("messages").path(0).path("role").asText()).isEqualTo("user");
            assertThat(content(request)).contains("\"instruction\": \"\"\"Say ").doesNotContain("{{");
        }
    }

    @Test
    void oneOrderIsHalfTheQuestions() {
        try (FaultyServer server = FaultyServer.answering(JudgesTest::preferringShort)) {
            assertThat(compare(openai(server).inBothOrders(false), PAIRS))
                    .containsExactly(new double[] {0.9, 0.3}, within(1e-9));
            assertThat(server.requests()).hasSize(2);
        }
    }

    @Test
    void furtherKeysOfTheRequestCountAndNullTakesOneAway() throws IOException {
        JsonNode extra = MAPPER.readTree("{\"seed\": 1, \"temperature\": null, \"max_completion_tokens\": 500}");
        try (FaultyServer server = FaultyServer.answering(JudgesTest::preferringShort)) {
            OpenAiConfig config = new OpenAiConfig(
                    server.url("/v1"),
                    "judge-1",
                    ApiKeyConfig.NONE,
                    OptionalDouble.empty(),
                    OptionalInt.empty(),
                    Optional.of(false),
                    OptionalDouble.empty(),
                    OptionalInt.empty(),
                    OptionalInt.empty(),
                    Optional.of(extra));
            compare(JudgeConfig.of(config), PAIRS);

            assertThat(server.requests().get(0).fieldNames())
                    .toIterable()
                    .containsExactlyInAnyOrder("model", "messages", "seed", "max_completion_tokens");
        }
    }

    @Test
    void whereThereAreNoLogProbabilitiesTheTextIsTheVerdict() {
        try (FaultyServer server = FaultyServer.answering(request -> answer(
                content(request).contains("Say one.") ? "<think>Is it 1? No.</think>\n**0**" : "Both are good"))) {
            double[] first = compare(openai(server), PAIRS);

            assertThat(first[0]).isEqualTo(0.5); // the first shown, in both orders
            assertThat(first[1]).isNaN();
        }
    }

    @Test
    void failuresAreAskedAgainAndAResumedStageAsksNothingTwice() {
        try (FaultyServer server = FaultyServer.answering(JudgesTest::preferringShort)) {
            server.next(Fault.status(500), Fault.cut(), Fault.body("[]"));
            OpenAiConfig patient = new OpenAiConfig(
                    server.url("/v1/chat/completions"),
                    "judge-1",
                    ApiKeyConfig.NONE,
                    OptionalDouble.empty(),
                    OptionalInt.empty(),
                    Optional.empty(),
                    OptionalDouble.of(5),
                    OptionalInt.of(4),
                    OptionalInt.of(1),
                    Optional.empty());
            double[] first = compare(JudgeConfig.of(patient), PAIRS);
            int asked = server.requests().size();

            assertThat(first).containsExactly(new double[] {0.8, 0.2}, within(1e-9));
            assertThat(asked).isEqualTo(7);
            assertThat(compare(JudgeConfig.of(patient), PAIRS)).isEqualTo(first);
            assertThat(server.requests()).hasSize(asked);
        }
    }

    @Test
    void aServerThatNeverAnswersStopsTheStageWithOneLine() {
        try (FaultyServer server = FaultyServer.answering(JudgesTest::preferringShort)) {
            server.always(Fault.status(400));
            assertThatThrownBy(() -> compare(openai(server), PAIRS))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("/v1/chat/completions")
                    .hasMessageContaining("400")
                    .hasMessageNotContaining("\n");
        }
    }

    @Test
    void aListOfResponsesIsOrderedByTheMeanOfBothOrders() {
        JudgePromptConfig listwise =
                new JudgePromptConfig(Optional.of(JudgeMode.LISTWISE), List.of(), Optional.empty(), List.of());
        List<String> replies = List.of("2 > 0 > 1", "0 > 2 > 1"); // as shown: c a b, then, of c b a: c a b
        List<JsonNode> asked = new ArrayList<>();
        try (FaultyServer server = FaultyServer.answering(request -> {
                    synchronized (asked) {
                        asked.add(request);
                    }
                    return answer(replies.get(content(request).contains("[0] a") ? 0 : 1));
                });
                StageRun run = stage();
                OpenJudge judge = judges.open(openai(server).asking(listwise), run)) {
            assertThat(judge.rank(List.of(new Question("Which?", List.of("a", "b", "c")))))
                    .containsExactly(List.of(2, 3, 1));
            assertThat(asked).hasSize(2);
        }
    }

    @Test
    void anOrderThatDoesNotNameEachResponseOnceIsNone() {
        assertThat(PromptedRanking.ranks("1 > 0", 3)).containsExactly(1, 1, 1);
        assertThat(PromptedRanking.ranks("1 > 0 > 1", 3)).containsExactly(1, 1, 1);
        assertThat(PromptedRanking.ranks("[1] > [0] > [2]", 3)).containsExactly(2, 1, 3);
        assertThat(PromptedRanking.ranks("99999999999", 1)).containsExactly(1);
    }

    @Test
    void aScoreIsTheMeanOfTheNumbersByTheirProbabilities() {
        JudgePromptConfig scoring =
                new JudgePromptConfig(Optional.of(JudgeMode.SCORING), List.of(), Optional.empty(), List.of());
        try (FaultyServer server =
                        FaultyServer.answering(request -> content(request).contains("eleven")
                                ? answer("3", Map.of("3", 0.5, "5", 0.5))
                                : answer("4", Map.of("4", 0.9, "word", 0.1)));
                StageRun run = stage();
                OpenJudge judge = judges.open(openai(server).asking(scoring), run)) {
            assertThat(judge.compare(List.of(PAIRS.get(0)))).containsExactly(0.5);
            assertThat(server.requests()).hasSize(2);
        }
    }

    @Test
    void aPrincipleIsDrawnForEachPairAndIsTheSameInBothOrders() {
        List<String> principles = List.of("Choose the honest one.", "Choose the short one.", "Choose the kind one.");
        JudgePromptConfig prompts = new JudgePromptConfig(Optional.empty(), principles, Optional.empty(), List.of());
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            pairs.add(new Pair("Say " + i + ".", "first", "second"));
        }
        try (FaultyServer server = FaultyServer.answering(request -> answer("(A)"))) {
            assertThat(compare(openai(server).asking(prompts), pairs)).containsOnly(0.5);
            Map<String, Set<String>> byPrompt = new HashMap<>();
            server.requests().forEach(request -> {
                String text = content(request);
                String prompt = text.replaceFirst("(?s).*Human: (Say \\d+\\.).*", "$1");
                principles.stream()
                        .filter(text::contains)
                        .forEach(principle -> byPrompt.computeIfAbsent(prompt, key -> new HashSet<>())
                                .add(principle));
            });
            assertThat(byPrompt)
                    .hasSize(30)
                    .allSatisfy((prompt, drawn) -> assertThat(drawn).hasSize(1));
            assertThat(byPrompt.values().stream().flatMap(Set::stream).distinct())
                    .hasSize(3);
        }
    }

    @Test
    void aModelOfOursJudgesByTheLogProbabilitiesOfItsVerdicts() {
        ModelReference model = new ModelReference("judge", TinyModel.llama().write(folder.resolve("judge")));
        JudgePromptConfig prompts = new JudgePromptConfig(
                Optional.empty(), List.of(), Optional.of("{prompt} {response0} or {response1}?"), List.of("yes", "no"));
        JudgeConfig config = JudgeConfig.of(LocalConfig.of(model)).asking(prompts);
        double[] both = compare(config, PAIRS);
        double[] one = compare(config.inBothOrders(false), PAIRS);
        double[] other = compare(
                config.inBothOrders(false), PAIRS.stream().map(Pair::swapped).toList());

        for (int i = 0; i < PAIRS.size(); i++) {
            assertThat(one[i]).isBetween(0.0, 1.0).isNotEqualTo(0.5);
            assertThat(both[i]).isCloseTo((one[i] + 1 - other[i]) / 2, within(1e-6));
        }
        assertThat(compare(config, PAIRS)).isEqualTo(both);
        assertThat(compare(JudgeConfig.of(LocalConfig.of(model)), PAIRS)).containsOnly(Double.NaN); // too long for it
    }

    @Test
    void theSyntheticJudgeErrsAsOftenAsItIsTold() {
        World world = WORLDS.of(7);
        HiddenUtility utility = world.utility();
        List<Pair> pairs = new ArrayList<>();
        for (long i = 0; i < 600; i++) {
            Ranking ranking = (Ranking) world.get(Part.RANKINGS_EVAL, i);
            pairs.add(new Pair(
                    ((Content.Text) ranking.prompt()).text(),
                    ((Content.Text) ranking.responses().get(0)).text(),
                    ((Content.Text) ranking.responses().get(1)).text()));
        }
        double[] judged = compare(JudgeConfig.of(SyntheticConfig.of(0.25)), pairs);
        int wrong = 0;
        int clear = 0;
        for (int i = 0; i < judged.length; i++) {
            double truth = Preference.of(
                    utility.utility(pairs.get(i).prompt(), pairs.get(i).first()).total(),
                    utility.utility(pairs.get(i).prompt(), pairs.get(i).second())
                            .total());
            clear += truth == 0.5 ? 0 : 1;
            wrong += truth != 0.5 && judged[i] != truth ? 1 : 0;
        }
        assertThat((double) wrong / clear).isCloseTo(0.25, within(0.06));

        SyntheticConfig biased = new SyntheticConfig(OptionalDouble.empty(), OptionalDouble.of(1));
        assertThat(compare(JudgeConfig.of(biased), pairs)).containsOnly(0.5);
        assertThat(compare(JudgeConfig.of(biased).inBothOrders(false), pairs)).containsOnly(1.0);
    }

    @Test
    void aMissingKeyIsSaidBeforeAnythingIsAsked() {
        OpenAiConfig server = new OpenAiConfig(
                "http://localhost:1/v1",
                "judge-1",
                ApiKeyConfig.variable("RLHF4J_TEST_NO_SUCH_KEY"),
                OptionalDouble.empty(),
                OptionalInt.empty(),
                Optional.empty(),
                OptionalDouble.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                Optional.empty());
        assertThatThrownBy(() -> judges.check("judge", JudgeConfig.of(server)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("judge.openai.api_key_env")
                .hasMessageContaining("RLHF4J_TEST_NO_SUCH_KEY");
        assertThatThrownBy(() -> judges.check("judge", JudgeConfig.named("brevity")))
                .hasMessage("unknown judge brevity; available: none");
    }
}
