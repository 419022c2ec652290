package io.github.rlhf4j.lab.recurrent;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.TokenSequence;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TextModelsTest {
    private static final int[] CLASSES = {8, 9};
    private static final List<int[]> PROMPTS = List.of(new int[] {0, 2, 4, 7}, new int[] {0, 3, 7});

    @Test
    void bothKindsLearnAndAreCopied() {
        try (CpuKernels kernels = new CpuKernels(1);
                TransformerTextModel transformer = transformer(kernels, 1);
                TransformerTextModel other = transformer(kernels, 2);
                RecurrentTextModel lstm = new RecurrentTextModel(10, 16, 0.02, 5, CounterRandom.of(1));
                RecurrentTextModel otherLstm = new RecurrentTextModel(10, 16, 0.02, 5, CounterRandom.of(2))) {
            for (int step = 0; step < 80; step++) {
                transformer.train(batch(CounterRandom.of(step)));
                lstm.train(batch(CounterRandom.of(step)));
            }
            other.copyWeights(transformer);
            otherLstm.copyWeights(lstm);
            for (TextModel model : List.of(transformer, other, lstm, otherLstm)) {
                assertThat(model.choose(PROMPTS, CLASSES)).containsExactly(0, 1);
            }
            assertThat(RecurrentTextModel.widthNear(lstm.parameters(), 10)).isEqualTo(16);
        }
    }

    private static TransformerTextModel transformer(CpuKernels kernels, long seed) {
        return new TransformerTextModel(
                TransformerTranslator.near(8_000, 10, 2, 2, 16), 0.01, 5, kernels, CounterRandom.of(seed));
    }

    /** BEGIN, 2 or 3, some of 4 to 6, 7; then 8 after a 2 and 9 after a 3. */
    private static List<TokenSequence> batch(CounterRandom random) {
        return IntStream.range(0, 16)
                .mapToObj(i -> {
                    int kind = random.below(i, 2);
                    int between = random.below(100 + i, 3);
                    int[] ids = new int[4 + between];
                    ids[1] = 2 + kind;
                    for (int t = 0; t < between; t++) {
                        ids[2 + t] = 4 + random.below(1000 + 10L * i + t, 3);
                    }
                    ids[2 + between] = 7;
                    ids[3 + between] = CLASSES[kind];
                    return TokenSequence.completion(ids, ids.length - 1);
                })
                .toList();
    }

    @Test
    void labelledTextsDoNotSayTheirClassAndHeldOutOnesAreOthers() {
        PersonTexts texts = new PersonTexts(1, 20);
        List<TokenSequence> training = texts.labelled(false, 100);
        List<TokenSequence> tests = texts.labelled(true, 50);
        for (TokenSequence text : tests) {
            int[] ids = text.ids();
            int type = ids[ids.length - 1];
            assertThat(texts.classes()).contains(type);
            assertThat(IntStream.of(ids).filter(id -> id == type).count()).isEqualTo(1);
            assertThat(text.targets()).containsExactly(ids.length - 1);
            assertThat(training).noneMatch(other -> java.util.Arrays.equals(other.ids(), ids));
        }
    }
}
