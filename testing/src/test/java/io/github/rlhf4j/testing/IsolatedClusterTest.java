package io.github.rlhf4j.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.cluster.InProcessCluster;
import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.cluster.Task;
import io.github.rlhf4j.core.cluster.Worker;
import io.github.rlhf4j.core.generation.Generated;
import io.github.rlhf4j.core.generation.GenerationRequest;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.train.BatchScorer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pure tasks in this process and as if on other machines: the same results, however work is cut. */
class IsolatedClusterTest {
    private static final CpuKernels KERNELS = new CpuKernels(2);
    private static final Transformer MODEL = Transformer.create(
            ModelConfig.llama(40, 16, 32, 2, 2, 1, 64, true),
            Set.of(Head.LANGUAGE, Head.SCALAR),
            KERNELS,
            CounterRandom.of(3));

    @AfterAll
    static void close() {
        MODEL.close();
        KERNELS.close();
    }

    /** Multiplies, on a worker that it does not need. */
    private record Times(int factor) implements Task<Integer, Integer> {
        @Override
        public Integer run(Integer input, Worker worker) {
            return factor * input;
        }
    }

    private static List<GenerationRequest> requests() {
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            int[] prompt = new int[1 + i % 4];
            for (int t = 0; t < prompt.length; t++) {
                prompt[t] = (7 * i + 3 * t + 1) % 40;
            }
            requests.add(new GenerationRequest(prompt, 1 + i % 3, CounterRandom.of(i)));
        }
        return requests;
    }

    private static List<List<TokenSequence>> sequences() {
        return requests().stream()
                .map(request -> List.of(TokenSequence.all(new int[] {1, request.promptIds()[0], 5, 6})
                        .withValuesOfTargets()))
                .toList();
    }

    private static List<Generated> generate(Cluster cluster) {
        try (SharedModel shared = cluster.share("policy", MODEL)) {
            return shared.generate("roll-outs", requests(), SamplingOptions.sampling(0.8, 20, new int[] {2}));
        }
    }

    private static List<List<BatchScorer.Scored>> score(Cluster cluster) {
        try (SharedModel shared = cluster.share("reference", MODEL)) {
            return shared.score("log-probs", sequences(), 0.7, 0);
        }
    }

    @Test
    void resultsAreInTheOrderOfTheInputs() {
        for (Cluster cluster : List.of(new InProcessCluster(KERNELS), new IsolatedCluster(KERNELS, 2))) {
            assertThat(cluster.map("times", List.of(3, 1, 2), new Times(10))).containsExactly(30, 10, 20);
            assertThat(cluster.map("times", List.of(), new Times(10))).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 100})
    void textsAreTheSameToTheBitHoweverRequestsAreCut(int pieces) {
        List<Generated> whole = generate(new InProcessCluster(KERNELS));
        List<Generated> cut = generate(new IsolatedCluster(KERNELS, pieces));

        assertThat(cut).hasSameSizeAs(whole).hasSize(18);
        for (int i = 0; i < whole.size(); i++) {
            assertThat(cut.get(i).request()).isEqualTo(whole.get(i).request());
            assertThat(cut.get(i).sample()).isEqualTo(whole.get(i).sample());
            assertThat(cut.get(i).ids()).isEqualTo(whole.get(i).ids());
            assertThat(cut.get(i).logProbs()).isEqualTo(whole.get(i).logProbs());
            assertThat(cut.get(i).finishReason()).isEqualTo(whole.get(i).finishReason());
        }
    }

    @Test
    void progressIsPassedOnWhereverTextsAreSampled() {
        for (Cluster cluster : List.of(new InProcessCluster(KERNELS), new IsolatedCluster(KERNELS, 4))) {
            long[] finished = {0};
            try (SharedModel shared = cluster.share("policy", MODEL)) {
                shared.generate(
                        "roll-outs",
                        requests(),
                        SamplingOptions.sampling(0.8, 20, new int[] {2}),
                        more -> finished[0] += more);
            }
            assertThat(finished[0]).isEqualTo(18);
        }
    }

    @Test
    void aPieceIsWhatTheCallerSays() {
        try (Cluster cluster = new InProcessCluster(KERNELS);
                SharedModel shared = cluster.share("reference", MODEL)) {
            List<List<TokenSequence>> groups = sequences();
            List<List<BatchScorer.Scored>> pieces = new ArrayList<>();
            for (int from = 0; from < groups.size(); from += 4) {
                pieces.addAll(
                        shared.score("log-probs", groups.subList(from, Math.min(from + 4, groups.size())), 0.7, 0));
            }
            List<List<BatchScorer.Scored>> all = shared.score("log-probs", groups, 4, 0.7, 0);

            assertThat(all).hasSize(groups.size());
            for (int i = 0; i < all.size(); i++) {
                assertThat(all.get(i).get(0).logProbs())
                        .isEqualTo(pieces.get(i).get(0).logProbs());
            }
            assertThat(shared.score("nothing", List.of(), 1, 0)).isEmpty();
        }
    }

    @Test
    void scoresOfAPieceAreTheSameToTheBitWhereverItIsComputed() {
        List<List<BatchScorer.Scored>> here = score(new InProcessCluster(KERNELS));
        List<List<BatchScorer.Scored>> elsewhere = score(new IsolatedCluster(KERNELS, 5));

        for (int i = 0; i < here.size(); i++) {
            assertThat(elsewhere.get(i).get(0).logProbs())
                    .isEqualTo(here.get(i).get(0).logProbs());
            assertThat(elsewhere.get(i).get(0).scalars())
                    .isEqualTo(here.get(i).get(0).scalars());
        }
    }
}
