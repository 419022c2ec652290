package io.github.rlhf4j.core.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.Transformer;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Texts in and out, with a tokenizer of one token a letter: a = 3, b = 4, ...; {@code <s>} = 1, {@code </s>} = 2. */
class TextGeneratorTest {
    private static final CpuKernels KERNELS = new CpuKernels(1);
    private static final Transformer MODEL = SampledModels.create(KERNELS);
    private static final LetterTokenizer LETTERS = new LetterTokenizer();

    @AfterAll
    static void close() {
        MODEL.close();
        KERNELS.close();
    }

    @Test
    void streamsThePiecesOfEachText() {
        try (Generator generator = new Generator(MODEL)) {
            TextGenerator texts = new TextGenerator(LETTERS, generator);
            StringBuilder[] heard = {new StringBuilder(), new StringBuilder()};
            List<GeneratedText> finished = new ArrayList<>();
            TextListener listener = new TextListener() {
                @Override
                public void onText(int prompt, int sample, String piece) {
                    heard[sample].append(piece);
                }

                @Override
                public void onFinished(GeneratedText generated) {
                    finished.add(generated);
                }
            };
            SamplingOptions options = SamplingOptions.sampling(1, 30, LETTERS.stopIds());
            List<GeneratedText> result =
                    texts.generate(List.of(texts.promptIds("abc")), 2, options, CounterRandom.of(1), listener);
            assertThat(result).hasSize(2);
            assertThat(finished).hasSize(2);
            for (int sample = 0; sample < 2; sample++) {
                assertThat(heard[sample].toString())
                        .isEqualTo(result.get(sample).text());
            }
            assertThat(texts.promptIds("")).containsExactly(1);
        }
    }

    @Test
    void aContinuationKeepsTheSpaceThatPartsItFromThePrompt() {
        LetterTokenizer spaced = new LetterTokenizer(" ");
        try (Generator generator = new Generator(MODEL)) {
            TextGenerator texts = new TextGenerator(spaced, generator);
            StringBuilder heard = new StringBuilder();
            TextListener listener = new TextListener() {
                @Override
                public void onText(int prompt, int sample, String piece) {
                    heard.append(piece);
                }
            };
            SamplingOptions options = SamplingOptions.sampling(1, 30, new int[0]);
            GeneratedText result = texts.generate(
                            List.of(texts.promptIds("abc")), 1, options, CounterRandom.of(1), listener)
                    .get(0);
            assertThat(result.text()).startsWith(" ");
            assertThat("a b c" + result.text())
                    .isEqualTo(spaced.decode(
                            IntStream.concat(
                                            IntStream.of(1, 3, 4, 5),
                                            IntStream.of(result.tokens().ids()))
                                    .toArray(),
                            true));
            assertThat(heard.toString()).isEqualTo(result.text());
        }
    }

    /** A text ends with the token that completes a stop string, alone and together with others. */
    @Test
    void stopStringsEndATextWithTheTokenThatCompletesOne() {
        SamplingOptions options = SamplingOptions.sampling(1, 60, new int[0]);
        try (Generator generator = new Generator(MODEL)) {
            TextGenerator free = new TextGenerator(LETTERS, generator);
            List<int[]> prompts = List.of(free.promptIds("abc"), free.promptIds("b"), free.promptIds("ca"));
            List<GeneratedText> whole = free.generate(prompts, 2, options, CounterRandom.of(4), TextListener.NONE);
            String first = whole.get(0).text();
            String stop = first.substring(2, 4);
            String acrossThePrompt = "c" + first.charAt(0);
            for (List<String> stops : List.of(List.of(stop), List.of("zz", acrossThePrompt), List.of(stop, "e"))) {
                TextGenerator texts = new TextGenerator(LETTERS, generator, stops, () -> false);
                List<GeneratedText> cut = texts.generate(prompts, 2, options, CounterRandom.of(4), TextListener.NONE);
                for (int i = 0; i < whole.size(); i++) {
                    String prompt = LETTERS.decode(prompts.get(i / 2), true);
                    String expected = untilStop(prompt, whole.get(i).text(), stops);
                    assertThat(cut.get(i).text()).isEqualTo(expected);
                    boolean stopped = expected.length() < whole.get(i).text().length();
                    assertThat(cut.get(i).tokens().finishReason().text()).isEqualTo(stopped ? "stop" : "length");
                    if (stopped) {
                        assertThat(cut.get(i).tokens().idsWithoutStop())
                                .isEqualTo(cut.get(i).tokens().ids());
                    }
                }
            }
            assertThatThrownBy(() -> new TextGenerator(LETTERS, generator, List.of(""), () -> false))
                    .isInstanceOf(UserError.class);
        }
    }

    private static String untilStop(String prompt, String text, List<String> stops) {
        int end = text.length();
        for (String stop : stops) {
            int from = Math.max(0, prompt.length() - stop.length() + 1);
            int at = (prompt + text).indexOf(stop, from);
            end = at < 0 ? end : Math.min(end, at + stop.length() - prompt.length());
        }
        return text.substring(0, end);
    }

    private static List<JsonNode> score(Transformer model, int batchTokens, String... lines) throws IOException {
        StringWriter out = new StringWriter();
        Scorer scorer = new Scorer(
                model, LETTERS, messages -> new int[] {1, messages.size() + 2, 2}, batchTokens, score -> score);
        List<Scorer.Line> given = new ArrayList<>();
        for (int i = 0; i < lines.length; i++) {
            given.add(new Scorer.Line("in.jsonl line " + (i + 1), new ObjectMapper().readTree(lines[i])));
        }
        long count = scorer.score(given.iterator(), out).lines();
        List<JsonNode> rows = new ArrayList<>();
        for (String line : out.toString().split("\n")) {
            rows.add(new ObjectMapper().readTree(line));
        }
        assertThat(count).isEqualTo(rows.size());
        return rows;
    }

    private static int[] ids(JsonNode row) {
        return IntStream.range(0, row.get("ids").size())
                .map(i -> row.get("ids").get(i).asInt())
                .toArray();
    }

    @Test
    void scoresEveryFormOfLineInOrderWhateverTheBatches() throws IOException {
        String[] lines = {
            "{\"ids\": [5, 6, 7]}",
            "{\"text\": \"ab\"}",
            "{\"prompt\": \"ab\", \"completion\": \"c\"}",
            "{\"prompt\": \"ab\", \"completion\": \"c</s>\"}",
            "{\"messages\": [{\"role\": \"user\", \"content\": \"x\"}]}",
            "{\"ids\": [9]}"
        };
        List<JsonNode> rows = score(MODEL, 1000, lines);
        assertThat(rows.stream().map(TextGeneratorTest::ids))
                .containsExactly(
                        new int[] {5, 6, 7},
                        new int[] {1, 3, 4},
                        new int[] {1, 3, 4, 5, 2},
                        new int[] {1, 3, 4, 5, 2},
                        new int[] {1, 3, 2},
                        new int[] {9});
        List<JsonNode> apart = score(MODEL, 1, lines);
        for (int i = 0; i < rows.size(); i++) {
            int[] ids = ids(rows.get(i));
            int[] rest = IntStream.of(ids).skip(1).toArray();
            double[] expected =
                    rest.length == 0 ? new double[0] : SampledModels.logProbs(MODEL, new int[] {ids[0]}, rest, 1);
            assertThat(rows.get(i).get("log_probs")).hasSize(rest.length);
            for (int j = 0; j < rest.length; j++) {
                assertThat(rows.get(i).get("log_probs").get(j).asDouble())
                        .isCloseTo(expected[j], within(1e-5))
                        .isCloseTo(apart.get(i).get("log_probs").get(j).asDouble(), within(1e-5));
            }
        }
    }

    @Test
    void scoresWithTheScalarHeadOfARewardModel() throws IOException {
        ModelConfig config = ModelConfig.llama(40, 16, 24, 2, 2, 1, 64, false);
        try (Transformer reward = Transformer.create(config, EnumSet.of(Head.SCALAR), KERNELS, CounterRandom.of(3))) {
            List<JsonNode> rows = score(reward, 100, "{\"ids\": [5, 6, 7]}", "{\"text\": \"ab\"}");
            assertThat(rows.get(0).get("score").isNumber()).isTrue();
            assertThat(rows.get(0).get("score")).isNotEqualTo(rows.get(1).get("score"));
        }
    }

    @Test
    void namesTheLineThatCannotBeScored() {
        String fine = "{\"ids\": [5, 6, 7]}";
        String[] wrong = {
            "{\"ids\": [5, 99]}",
            "{\"ids\": [5, 1.5]}",
            "{\"ids\": []}",
            "{\"prompt\": \"a\"}",
            "{\"text\": \"a\", \"ids\": [1]}",
            "{\"other\": 1}",
            "{\"text\": \"" + "a".repeat(SampledModels.CONTEXT) + "\"}"
        };
        for (String line : wrong) {
            assertThatThrownBy(() -> score(MODEL, 100, fine, line))
                    .as(line)
                    .isInstanceOf(UserError.class)
                    .hasMessageStartingWith("in.jsonl line 2: ");
        }
    }
}
