package io.github.rlhf4j.core.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Transformer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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

    @Test
    void goesOnAfterAListenerHasThrown() {
        try (Generator generator = new Generator(MODEL)) {
            TextGenerator texts = new TextGenerator(LETTERS, generator);
            SamplingOptions options = SamplingOptions.sampling(1, 30, LETTERS.stopIds());
            List<int[]> prompts = List.of(texts.promptIds("abc"));
            String text = texts.generate(prompts, 1, options, CounterRandom.of(1), TextListener.NONE)
                    .get(0)
                    .text();
            assertThat(text).hasSizeGreaterThan(2);
            TextListener gone = new TextListener() {
                private int pieces;

                @Override
                public void onText(int prompt, int sample, String piece) {
                    pieces++;
                    if (pieces == 2) { // the cache has the sequence by now
                        throw new IllegalStateException("gone");
                    }
                }
            };
            assertThatThrownBy(() -> texts.generate(prompts, 1, options, CounterRandom.of(1), gone))
                    .hasMessage("gone");

            String again = CompletableFuture.supplyAsync(
                            () -> texts.generate(prompts, 1, options, CounterRandom.of(1), TextListener.NONE))
                    .orTimeout(60, TimeUnit.SECONDS)
                    .join()
                    .get(0)
                    .text();
            assertThat(again).isEqualTo(text);
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
}
