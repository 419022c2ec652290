package io.github.rlhf4j.pipeline.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.bestofn.BestOfNConfig;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.distill.DistillConfig;
import io.github.rlhf4j.dpo.DpoConfig;
import io.github.rlhf4j.dpo.DpoTrainer;
import io.github.rlhf4j.dpo.KtoConfig;
import io.github.rlhf4j.dpo.KtoTrainer;
import io.github.rlhf4j.dpo.OnlineDpoConfig;
import io.github.rlhf4j.filter.DuplicatesConfig;
import io.github.rlhf4j.filter.FilterConfig;
import io.github.rlhf4j.filter.FilterStage;
import io.github.rlhf4j.filter.MinHashConfig;
import io.github.rlhf4j.filter.Preset;
import io.github.rlhf4j.filter.RepetitionConfig;
import io.github.rlhf4j.grpo.GrpoConfig;
import io.github.rlhf4j.grpo.RlooConfig;
import io.github.rlhf4j.judge.JudgeConfig;
import io.github.rlhf4j.judge.SyntheticConfig;
import io.github.rlhf4j.reward.RewardConfig;
import io.github.rlhf4j.reward.RewardTrainer;
import io.github.rlhf4j.reward.process.ProcessRewardConfig;
import io.github.rlhf4j.reward.process.ProcessRewardTrainer;
import io.github.rlhf4j.rlaif.JudgingConfig;
import io.github.rlhf4j.rlaif.JudgingStage;
import io.github.rlhf4j.rlaif.Principle;
import io.github.rlhf4j.rlaif.ReviseStage;
import io.github.rlhf4j.rlaif.RevisionConfig;
import io.github.rlhf4j.sft.ArchitectureConfig;
import io.github.rlhf4j.sft.PretrainConfig;
import io.github.rlhf4j.sft.Pretrainer;
import io.github.rlhf4j.sft.SftConfig;
import io.github.rlhf4j.sft.SftTrainer;
import io.github.rlhf4j.sft.TokenizerConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** A config that is built in Java has the defaults of one that is read from a run file. */
class ConfigBuildersTest {
    private static final ModelReference MODEL = new ModelReference("start", Path.of("start"));
    private static final DatasetSpec ROWS = DatasetSpec.of("rows.jsonl");
    private static final String KEYS = "{model: start, dataset: rows.jsonl}";

    private final Problems problems = new Problems();

    @Test
    void sft() {
        assertThat(bind(SftConfig.class, SftTrainer.class, "sft", KEYS))
                .contains(SftConfig.builder(MODEL, ROWS).build());
    }

    @Test
    void pretrain() {
        String sizes = "{hidden_size: 16, intermediate_size: 32, num_hidden_layers: 2, num_attention_heads: 2,"
                + " max_position_embeddings: 64}";
        ArchitectureConfig architecture = new ArchitectureConfig(
                16, 32, 2, 2, Optional.empty(), Optional.empty(), 64, Optional.empty(), Optional.empty());
        TokenizerConfig tokenizer = new TokenizerConfig(Optional.empty(), Optional.of(300));

        assertThat(bind(PretrainConfig.class, Pretrainer.class, "pretrain", KEYS))
                .contains(PretrainConfig.continuing(MODEL, ROWS).build());
        assertThat(bind(
                        PretrainConfig.class,
                        Pretrainer.class,
                        "pretrain",
                        "{architecture: " + sizes + ", tokenizer: {vocab_size: 300}, dataset: rows.jsonl}"))
                .contains(PretrainConfig.fromNothing(architecture, tokenizer, ROWS)
                        .build());
    }

    @Test
    void reward() {
        assertThat(bind(RewardConfig.class, RewardTrainer.class, "reward", KEYS))
                .contains(RewardConfig.builder(MODEL, ROWS).build());
    }

    @Test
    void dpo() {
        assertThat(bind(DpoConfig.class, DpoTrainer.class, "dpo", KEYS))
                .contains(DpoConfig.builder(MODEL, ROWS).build());
    }

    @Test
    void kto() {
        assertThat(bind(KtoConfig.class, KtoTrainer.class, "kto", KEYS))
                .contains(KtoConfig.builder(MODEL, ROWS).build());
    }

    @Test
    void processReward() {
        assertThat(bind(ProcessRewardConfig.class, ProcessRewardTrainer.class, "process_reward", KEYS))
                .hasValue(ProcessRewardConfig.builder(MODEL, ROWS).build());
    }

    @Test
    void onlineDpo() {
        String keys = "{model: start, dataset: rows.jsonl, reward_function: length}";

        assertThat(bind(OnlineDpoConfig.class, OnlineDpoConfig.class, "online_dpo", keys))
                .contains(OnlineDpoConfig.builder(MODEL, ROWS)
                        .rewardFunction("length")
                        .build());
    }

    @Test
    void bestOfN() {
        String keys = "{model: start, dataset: rows.jsonl, reward_function: length}";

        assertThat(bind(BestOfNConfig.class, BestOfNConfig.class, "best_of_n", keys))
                .contains(BestOfNConfig.builder(MODEL, ROWS)
                        .rewardFunction("length")
                        .build());
    }

    @Test
    void distill() {
        String keys = "{model: start, teacher_model: start, dataset: rows.jsonl}";

        assertThat(bind(DistillConfig.class, DistillConfig.class, "distill", keys))
                .contains(DistillConfig.builder(MODEL, MODEL, ROWS).build());
    }

    @Test
    void grpo() {
        String keys = "{model: start, dataset: rows.jsonl, reward_function: length}";

        assertThat(bind(GrpoConfig.class, GrpoConfig.class, "grpo", keys))
                .contains(
                        GrpoConfig.builder(MODEL, ROWS).rewardFunction("length").build());
    }

    @Test
    void rloo() {
        String keys = "{model: start, dataset: rows.jsonl, reward_function: length}";

        assertThat(bind(RlooConfig.class, RlooConfig.class, "rloo", keys))
                .contains(
                        RlooConfig.builder(MODEL, ROWS).rewardFunction("length").build());
    }

    @Test
    void judge() {
        String keys = "{model: start, dataset: rows.jsonl, judge: {synthetic: {error_rate: 0.2}}}";

        assertThat(bind(JudgingConfig.class, JudgingStage.class, "judge", keys))
                .contains(JudgingConfig.builder(MODEL, ROWS, JudgeConfig.of(SyntheticConfig.of(0.2)))
                        .build());
        assertThat(bind(JudgingConfig.class, JudgingStage.class, "judge", "{dataset: rows.jsonl, judge: brevity}"))
                .contains(JudgingConfig.ofResponses(ROWS, JudgeConfig.named("brevity"))
                        .build());
    }

    @Test
    void revise() {
        assertThat(bind(RevisionConfig.class, ReviseStage.class, "revise", KEYS))
                .contains(RevisionConfig.builder(MODEL, ROWS).build());
        assertThat(
                        bind(
                                RevisionConfig.class,
                                ReviseStage.class,
                                "revise",
                                "{model: start, dataset: rows.jsonl, constitution: [Be kind., {critique: What is wrong, revision: Mend it.}]}"))
                .contains(RevisionConfig.builder(MODEL, ROWS)
                        .constitution(List.of(Principle.of("Be kind."), new Principle("What is wrong", "Mend it.")))
                        .build());
    }

    @Test
    void filter() {
        assertThat(
                        bind(
                                FilterConfig.class,
                                FilterStage.class,
                                "filter",
                                "{dataset: rows.jsonl, preset: [gopher, c4], exact_dedup: true, minhash: {n_grams: 5}, top_n_grams: {2: 0.3}}"))
                .contains(FilterConfig.builder(ROWS)
                        .preset(Preset.GOPHER, Preset.C4)
                        .repetition(new RepetitionConfig(
                                OptionalDouble.empty(),
                                OptionalDouble.empty(),
                                OptionalDouble.empty(),
                                OptionalDouble.empty(),
                                Map.of("2", 0.3),
                                Map.of()))
                        .duplicates(new DuplicatesConfig(
                                true,
                                Optional.of(new MinHashConfig(
                                        OptionalInt.of(5), OptionalInt.empty(), OptionalInt.empty()))))
                        .build());
    }

    private <C extends Record> Optional<C> bind(Class<C> config, Class<?> stage, String type, String keys) {
        Optional<C> bound = new ConfigBinder(given -> new ModelReference(given, Path.of(given)), problems)
                .bind(config, StageDefaults.of(stage, type), YamlReader.readMap(keys, "run.yaml"), type);
        assertThat(problems.lines()).isEmpty();
        return bound;
    }
}
