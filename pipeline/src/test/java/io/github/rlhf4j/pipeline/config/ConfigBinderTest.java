package io.github.rlhf4j.pipeline.config;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.datasets.DatasetSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ConfigBinderTest {
    private final Problems problems = new Problems();

    enum Schedule {
        LINEAR,
        CONSTANT_WITH_WARMUP
    }

    record Optimizer(double learningRate, double adamBeta1, long maxSteps) implements ConfigGroup {
        Optimizer {
            checkConfig(learningRate > 0, "learning_rate", learningRate, "must be > 0");
            checkConfig(adamBeta1 >= 0 && adamBeta1 < 1, "adam_beta1", adamBeta1, "must be in [0, 1)");
        }
    }

    record Size(int layers, int hiddenSize) {
        Size {
            checkConfig(layers > 0, "layers", layers, "must be > 0");
        }
    }

    record Config(
            Optional<ModelReference> model,
            List<ModelReference> models,
            DatasetSpec dataset,
            Schedule schedule,
            boolean shuffle,
            List<String> lossType,
            Optional<Size> size,
            OptionalInt limit,
            Map<String, Double> shares,
            String text,
            Optimizer optimizer) {
        Config {
            checkConfig(!text.isBlank(), "text", text, "must not be blank");
        }
    }

    private static final String DEFAULTS =
            "{schedule: linear, shuffle: true, learning_rate: 1e-3, adam_beta1: 0.9, max_steps: 10, text: no}";

    @Test
    void bindsModelsAsAListOrAsAMapOfNames() {
        Config list = bind("{models: [base, other], dataset: a.jsonl}").orElseThrow();
        assertThat(list.models()).extracting(ModelReference::given).containsExactly("base", "other");
        assertThat(list.models()).allMatch(model -> model.name().isEmpty());
        Config map = bind("{models: {a: base, b: other}, dataset: a.jsonl}").orElseThrow();
        assertThat(map.models()).extracting(ModelReference::given).containsExactly("base", "other");
        assertThat(map.models()).extracting(model -> model.name().orElse("")).containsExactly("a", "b");
    }

    @Test
    void bindsEveryType() {
        Config config = bind("{model: base, dataset: {path: a.jsonl, limit: 5}, schedule: constant_with_warmup,"
                        + " shuffle: false, loss_type: [a, b], size: {layers: 2, hidden_size: 8}, limit: 3,"
                        + " shares: {x: .5}, max_steps: 7}")
                .orElseThrow();
        assertThat(config.model()).contains(new ModelReference("base", Path.of("/models/base")));
        assertThat(config.dataset()).isEqualTo(DatasetSpec.of("a.jsonl").withLimit(5));
        assertThat(config.schedule()).isEqualTo(Schedule.CONSTANT_WITH_WARMUP);
        assertThat(config.shuffle()).isFalse();
        assertThat(config.lossType()).containsExactly("a", "b");
        assertThat(config.size()).contains(new Size(2, 8));
        assertThat(config.limit()).hasValue(3);
        assertThat(config.shares()).containsExactly(Map.entry("x", 0.5));
        assertThat(config.text()).isEqualTo("no");
        assertThat(config.optimizer()).isEqualTo(new Optimizer(1e-3, 0.9, 7));
    }

    @Test
    void aSingleValueServesAsAList() {
        assertThat(bind("{dataset: a, loss_type: ipo}").orElseThrow().lossType())
                .containsExactly("ipo");
    }

    @Test
    void unknownMissingAndMistypedKeysAreReportedTogether() {
        assertThat(bind("{learning_rte: 1, shuffle: yes, max_steps: 8.7, schedule: linaer}"))
                .isEmpty();
        assertThat(problems.lines())
                .containsExactlyInAnyOrder(
                        "sft.learning_rte is not a known key; did you mean learning_rate? (t:1)",
                        "sft.dataset is missing; add it to the stage sft",
                        "sft.shuffle must be true or false, but is yes (t:1)",
                        "sft.max_steps must be a whole number, but is 8.7 (t:1)",
                        "sft.schedule must be one of linear, constant_with_warmup, but is linaer; did you mean linear? (t:1)");
    }

    @Test
    void allRangeErrorsAreReportedTogetherWithTheirKeys() {
        assertThat(bind("{dataset: a, learning_rate: -1, adam_beta1: 1.5, text: ''}"))
                .isEmpty();
        assertThat(problems.lines())
                .containsExactly(
                        "sft.learning_rate must be > 0, but is -1.0 (t:1)",
                        "sft.adam_beta1 must be in [0, 1), but is 1.5 (t:1)",
                        "sft.text must not be blank, but is  (t:1)");
    }

    @Test
    void mistakesInsideNestedValuesNameTheirPath() {
        assertThat(bind("{dataset: {path: a, limt: 3}, size: {layers: 0, hidden_size: 4}}"))
                .isEmpty();
        assertThat(problems.lines())
                .anyMatch(line -> line.startsWith("sft.dataset.limt is not known"))
                .contains("sft.size.layers must be > 0, but is 0 (t:1)");
        Problems second = new Problems();
        bind(second, "{dataset: a, size: {layer: 1, hidden_size: x}}");
        assertThat(second.lines())
                .contains(
                        "sft.size.layer is not a known key; did you mean layers? (t:1)",
                        "sft.size.layers is missing; add it to the stage sft.size");
    }

    @Test
    void rangesAreReportedBesideUnknownMissingAndMistypedKeys() {
        assertThat(
                        bind(
                                "{dataste: a, shuffle: maybe, learning_rate: -1, adam_beta1: 2, size: {layers: 0, hidden_size: x}}"))
                .isEmpty();
        assertThat(problems.lines())
                .containsExactlyInAnyOrder(
                        "sft.dataste is not a known key; did you mean dataset? (t:1)",
                        "sft.dataset is missing; add it to the stage sft",
                        "sft.shuffle must be true or false, but is maybe (t:1)",
                        "sft.size.hidden_size must be a whole number, but is x (t:1)",
                        "sft.size.layers must be > 0, but is 0 (t:1)",
                        "sft.learning_rate must be > 0, but is -1.0 (t:1)",
                        "sft.adam_beta1 must be in [0, 1), but is 2.0 (t:1)");
    }

    record Coupled(int saveSteps, int saveTotalLimit, int batchSize, String schedule, double floor) {
        Coupled {
            checkConfig(batchSize >= 1, "batch_size", batchSize, "must be >= 1");
            checkConfig(List.of("linear", "cosine").contains(schedule), "schedule", schedule, "must be a schedule");
            checkConfig(saveTotalLimit == 0 || saveSteps > 0, "save_total_limit", saveTotalLimit, "needs save_steps");
            checkConfig(
                    floor == 0 || schedule.equals("cosine"), "floor", floor, "does nothing with schedule " + schedule);
        }
    }

    @Test
    void whatIsRightTogetherIsNotRefusedBesideAMistake() {
        assertThat(coupled("{save_steps: 5, save_total_limit: 2, batch_size: 0}"))
                .containsExactly("s.batch_size must be >= 1, but is 0 (t:1)");
        assertThat(coupled("{save_total_limit: 2, batch_size: 0}"))
                .containsExactlyInAnyOrder(
                        "s.batch_size must be >= 1, but is 0 (t:1)",
                        "s.save_total_limit needs save_steps, but is 2 (t:1)");
        assertThat(coupled("{schedule: cosin, floor: 0.1}"))
                .containsExactly("s.schedule must be a schedule, but is cosin (t:1)");
    }

    private static List<String> coupled(String yaml) {
        return refused(
                Coupled.class, "{save_steps: 0, save_total_limit: 0, batch_size: 8, schedule: linear, floor: 0}", yaml);
    }

    private static List<String> refused(Class<? extends Record> type, String defaults, String yaml) {
        Problems problems = new Problems();
        assertThat(new ConfigBinder(given -> new ModelReference(given, Path.of(given)), problems)
                        .bind(
                                type,
                                YamlReader.readMap(defaults, "d", Origin.DEFAULT),
                                YamlReader.readMap(yaml, "t"),
                                "s"))
                .isEmpty();
        return problems.lines();
    }

    record Heads(int hiddenSize, int heads, OptionalInt headDim) {
        Heads {
            checkConfig(hiddenSize % heads == 0, "heads", heads, "must divide hidden_size");
            int dim = headDim.orElse(hiddenSize / heads);
            checkConfig(dim % 2 == 0, "head_dim", dim, "must be even");
        }
    }

    @Test
    void aValueIsNotRefusedForAStandInOfOneWithoutADefault() {
        assertThat(refused(Heads.class, "{}", "{hidden_size: 62, heads: 2}"))
                .containsExactly("s.head_dim must be even, but is 31");
        assertThat(refused(Heads.class, "{}", "{hidden_size: 62, heads: 3}"))
                .containsExactly("s.heads must divide hidden_size, but is 3 (t:1)");
    }

    @Test
    void aNumberTooLargeForItsTypeIsRefused() {
        assertThat(bind("{dataset: a, limit: 3000000000}")).isEmpty();
        assertThat(problems.lines())
                .containsExactly("sft.limit must be a whole number of at most 2147483647, but is 3000000000 (t:1)");
    }

    private Optional<Config> bind(String yaml) {
        return bind(problems, yaml);
    }

    private static Optional<Config> bind(Problems problems, String yaml) {
        return new ConfigBinder(name -> new ModelReference(name, Path.of("/models", name)), problems)
                .bind(
                        Config.class,
                        YamlReader.readMap(DEFAULTS, "defaults", Origin.DEFAULT),
                        YamlReader.readMap(yaml, "t"),
                        "sft");
    }
}
