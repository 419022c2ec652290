package io.github.rlhf4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.Parameter;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.optim.LearningRateSchedule;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardTreeTest {
    private static final ModelConfig CONFIG = ModelConfig.llama(31, 16, 24, 2, 2, 1, 64, true);

    private final CpuKernels kernels = new CpuKernels(1);
    private final Transformer model = Transformer.create(CONFIG, Set.of(Head.LANGUAGE), kernels, CounterRandom.of(5));
    private final ModelTrainer trainer = new ModelTrainer(
            model,
            1e-2,
            new LearningRateSchedule.Constant(),
            new OptimizerSettings(0.9, 0.999, 1e-8, 0, 1, 40, false, 0.1),
            CounterRandom.of(1));

    @AfterEach
    void close() {
        trainer.close();
        model.close();
        kernels.close();
    }

    private static WeightedObjective<List<TokenSequence>> term(int count) {
        List<List<TokenSequence>> examples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int[] ids = new int[4 + i % 5];
            for (int j = 0; j < ids.length; j++) {
                ids[j] = 1 + (7 * i + 3 * j) % 30;
            }
            examples.add(List.of(TokenSequence.completion(ids, 1 + i % 3)));
        }
        return WeightedObjective.of(examples, new NextTokenLoss(2));
    }

    private float[] gradient() {
        List<Float> all = new ArrayList<>();
        for (Parameter parameter : model.trained().all()) {
            for (double value : parameter.gradient().orElseThrow().toArray()) {
                all.add((float) value);
            }
        }
        float[] values = new float[all.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = all.get(i);
        }
        return values;
    }

    private float[] ofShards(WeightedObjective<List<TokenSequence>> term, int from, int to) {
        trainer.gradientOf(term, from, to, new StepMetrics());
        return gradient();
    }

    /** The plain twin: ((0 + 1) + (2 + 3)) + 4 and so on, shard after shard, without the tree's class. */
    private float[] plain(WeightedObjective<List<TokenSequence>> term, int lo, int hi, int shards) {
        int rows = term.examples().size();
        int from = rows * lo / shards;
        int to = rows * hi / shards;
        if (from == to) {
            return new float[0];
        }
        if (hi - lo == 1) {
            return ofShards(term, from, to);
        }
        int middle = (lo + hi + 1) / 2;
        float[] left = plain(term, lo, middle, shards);
        float[] right = plain(term, middle, hi, shards);
        if (left.length == 0 || right.length == 0) {
            return left.length == 0 ? right : left;
        }
        float[] sum = new float[left.length];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = right[i] + left[i];
        }
        return sum;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 8, 16})
    void isTheSumAlongTheTreeToTheBit(int shards) {
        WeightedObjective<List<TokenSequence>> term = term(11);
        float[] expected = plain(term, 0, shards, shards);
        try (ShardTree tree = new ShardTree(trainer, shards)) {
            tree.add(new ShardTree.Node(0, shards), 11, node -> {
                if (node.isLeaf()) {
                    trainer.gradientOf(
                            term,
                            ShardTree.first(node.lo(), shards, 11),
                            ShardTree.first(node.hi(), shards, 11),
                            new StepMetrics());
                }
                return node.isLeaf();
            });
        }
        assertThat(gradient()).isEqualTo(expected);
    }

    @Test
    void partsHaveTheNormalisersAndTheRandomnessOfTheWholeStep() {
        WeightedObjective<List<TokenSequence>> term = term(11);
        float[] whole = ofShards(term, 0, 11);
        float[] sum = new float[whole.length];
        double loss = 0;
        long tokens = 0;
        StepMetrics metrics = new StepMetrics();
        for (int part = 0; part < 11; part++) {
            ModelTrainer.TermResult result = trainer.gradientOf(term, part, part + 1, metrics);
            loss += result.loss();
            tokens += result.tokens();
            float[] more = gradient();
            for (int i = 0; i < sum.length; i++) {
                sum[i] += more[i];
            }
        }
        StepResult step = trainer.optimize(List.of(term));

        assertThat(loss).isCloseTo(step.loss(), within(1e-6));
        assertThat(tokens).isEqualTo(step.tokens());
        step.metrics()
                .values()
                .forEach((name, value) ->
                        assertThat(metrics.values().get(name)).as(name).isCloseTo(value, within(1e-6)));
        for (int i = 0; i < sum.length; i++) {
            assertThat((double) sum[i]).isCloseTo(whole[i], within(1e-6));
        }
    }

    @Test
    void aLossOfTheWholeBatchCannotBeCut() {
        Objective<List<TokenSequence>> whole = new Objective<>() {
            @Override
            public List<TokenSequence> layout(List<TokenSequence> example) {
                return example;
            }

            @Override
            public boolean separable() {
                return false;
            }

            @Override
            public void evaluate(ObjectiveBatch<List<TokenSequence>> batch) {}
        };
        assertThatThrownBy(() ->
                        trainer.gradientOf(WeightedObjective.of(term(4).examples(), whole), 0, 2, new StepMetrics()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("cannot be cut into shards");
    }
}
