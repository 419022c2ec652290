package io.github.rlhf4j.core.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Transformer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Equality with transformers is held by tools/acceptance/beams.py. */
class BeamSearchTest {
    private static final CpuKernels KERNELS = new CpuKernels(2);
    private static final Transformer MODEL = SampledModels.create(KERNELS);
    private static final int STOP = 3;

    @AfterAll
    static void close() {
        MODEL.close();
        KERNELS.close();
    }

    private static List<Generated> search(int[] prompt, int wanted, BeamOptions beams, int mostNew, int... stops) {
        try (Generator generator = new Generator(MODEL)) {
            return generator.search(
                    new GenerationRequest(prompt, wanted, CounterRandom.of(0)),
                    beams,
                    SamplingOptions.greedy(mostNew, stops));
        }
    }

    /** With as many beams as tokens, no continuation of two tokens is lost: the first are those of a search through all of them. */
    @Test
    void withABeamForEachTokenItFindsTheLikeliestOfAll() {
        int[] prompt = SampledModels.prompt(8, 31); // the second token begins a page
        record Scored(List<Integer> ids, double score) {}
        List<Scored> all = new ArrayList<>();
        for (int a = 0; a < SampledModels.VOCABULARY; a++) {
            if (a == STOP) {
                all.add(new Scored(List.of(a), SampledModels.logProbs(MODEL, prompt, new int[] {a}, 1)[0]));
                continue;
            }
            for (int b = 0; b < SampledModels.VOCABULARY; b++) {
                double[] logProbs = SampledModels.logProbs(MODEL, prompt, new int[] {a, b}, 1);
                all.add(new Scored(List.of(a, b), (logProbs[0] + logProbs[1]) / 2));
            }
        }
        all.sort(Comparator.comparingDouble(Scored::score).reversed());
        List<Generated> found = search(prompt, 6, new BeamOptions(40, 1, BeamOptions.EarlyStopping.NEVER), 2, STOP);
        for (int i = 0; i < 6; i++) {
            Generated text = found.get(i);
            assertThat(Arrays.stream(text.ids()).boxed().toList())
                    .isEqualTo(all.get(i).ids());
            assertThat(Arrays.stream(text.logProbs()).sum() / text.ids().length)
                    .isCloseTo(all.get(i).score(), within(1e-5));
        }
    }

    @Test
    void oneBeamIsTheGreedyText() {
        for (int seed = 0; seed < 4; seed++) {
            int[] prompt = SampledModels.prompt(seed, 20 + 7 * seed);
            try (Generator generator = new Generator(MODEL)) {
                Generated greedy = generator
                        .generate(
                                List.of(new GenerationRequest(prompt, 1, CounterRandom.of(0))),
                                SamplingOptions.greedy(40, new int[0]))
                        .get(0);
                assertThat(search(prompt, 1, BeamOptions.of(1), 40).get(0).ids())
                        .isEqualTo(greedy.ids());
            }
        }
    }

    /** Its log-probs are those of its text, whichever beams shared pages with it on the way. */
    @Test
    void aBeamsLogProbsAreThoseOfItsText() {
        int[] prompt = SampledModels.prompt(2, 10);
        for (Generated text : search(prompt, 5, BeamOptions.of(5), 50)) {
            double[] expected = SampledModels.logProbs(MODEL, prompt, text.ids(), 1);
            for (int i = 0; i < expected.length; i++) {
                assertThat(text.logProbs()[i]).isCloseTo(expected[i], within(1e-4));
            }
        }
    }

    @Test
    void moreTextsThanBeamsAreRefused() {
        assertThatThrownBy(() -> search(new int[] {5}, 3, BeamOptions.of(2), 4))
                .isInstanceOf(UserError.class)
                .hasMessage("num_return_sequences must be at most num_beams = 2, but is 3");
        assertThatThrownBy(() -> new BeamOptions(2, Double.NaN, BeamOptions.EarlyStopping.FALSE))
                .isInstanceOf(UserError.class);
    }
}
