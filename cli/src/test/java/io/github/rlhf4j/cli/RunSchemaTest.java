package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.inject.AbstractModule;
import com.google.inject.Module;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.pipeline.config.EffectiveConfig;
import io.github.rlhf4j.pipeline.config.KeyRange;
import io.github.rlhf4j.pipeline.config.RunSchema;
import io.github.rlhf4j.pipeline.config.StageKeys;
import io.github.rlhf4j.rollout.RewardBinder;
import io.github.rlhf4j.rollout.RewardFunction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The schema of run files, by a validator that is not ours. */
class RunSchemaTest {
    private static JsonNode schema = new ObjectMapper().createObjectNode();
    private static JsonSchema validator =
            JsonSchemaFactory.getInstance(VersionFlag.V202012).getSchema("{}");

    @TempDir
    private Path folder;

    @BeforeAll
    static void read() {
        Rlhf4j engine = Engine.open(Console.SILENT);
        schema = RunSchema.of(engine.stages(), engine.trackers(), engine.boundNames());
        validator = JsonSchemaFactory.getInstance(VersionFlag.V202012).getSchema(schema);
    }

    private static String mistakes(JsonNode file) {
        Set<ValidationMessage> messages = validator.validate(file);
        return messages.stream().map(ValidationMessage::getMessage).sorted().collect(Collectors.joining("\n"));
    }

    private String mistakes(String yaml) throws IOException {
        Path file = Files.writeString(folder.resolve("file.yaml"), yaml);
        return mistakes(EffectiveConfig.read(file).entries().json());
    }

    @Test
    void isASchemaOfDraft202012() throws IOException {
        JsonSchema meta = JsonSchemaFactory.getInstance(VersionFlag.V202012)
                .getSchema("{\"$ref\": \"https://json-schema.org/draft/2020-12/schema\"}");

        assertThat(meta.validate(schema)).isEmpty();
        assertThat(schema.path("$schema").asText()).isEqualTo("https://json-schema.org/draft/2020-12/schema");
    }

    @Test
    void acceptsEveryRunFileThatIsShippedOrTested() throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> configs = Files.list(Path.of("../configs"))) {
            for (Path file :
                    configs.filter(path -> path.toString().endsWith(".yaml")).toList()) {
                files.put(file.toString(), Files.readString(file));
            }
        }
        for (String kind : InitCommand.KINDS) {
            files.put("init " + kind, InitCommand.text(kind));
        }
        for (String name : List.of("run", "process")) {
            Path file = Path.of("src/test/resources/io/github/rlhf4j/cli/trajectories/" + name + ".yaml");
            files.put(file.toString(), Files.readString(file));
        }
        for (Map.Entry<String, String> file : files.entrySet()) {
            assertThat(mistakes(file.getValue())).as(file.getKey()).isEmpty();
        }
    }

    @Test
    void acceptsEveryDefaultAndNothingBeyondABound() {
        List<String> bounded = new ArrayList<>();
        Engine.open(Console.SILENT)
                .stages()
                .forEach((type, stage) -> StageKeys.of(stage, type).keys().forEach((name, key) -> {
                    JsonNode property = schema.at("/$defs/stage-" + type + "/properties/" + name);
                    JsonSchema one =
                            JsonSchemaFactory.getInstance(VersionFlag.V202012).getSchema(standingAlone(property));
                    if (property.has("default")) {
                        assertThat(one.validate(property.get("default")))
                                .as(type + "." + name)
                                .isEmpty();
                    }
                    for (double beyond : beyond(key.range())) {
                        assertThat(one.validate(DoubleNode.valueOf(beyond)))
                                .as(type + "." + name + ": " + beyond)
                                .isNotEmpty();
                        bounded.add(type + "." + name);
                    }
                }));
        assertThat(bounded).contains("sft.learning_rate", "sft.batch_size", "sft.adam_beta1", "dpo.beta");
    }

    /** Whole numbers next to what is possible; a bound itself where that is not. */
    private static List<Double> beyond(KeyRange range) {
        List<Double> beyond = new ArrayList<>();
        range.from().ifPresent(from -> beyond.add(range.isFromIncluded() ? Math.ceil(from) - 1 : from));
        range.to().ifPresent(to -> beyond.add(range.isToIncluded() ? Math.floor(to) + 1 : to));
        return beyond;
    }

    private static JsonNode standingAlone(JsonNode property) {
        return ((ObjectNode) property.deepCopy()).set("$defs", schema.get("$defs"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "stages: {}",
                "stages: {cache: {type: sft, model: m, dataset: d}}",
                "stages: {a: {model: m}}",
                "stages: {a: {type: sfft, model: m, dataset: d}}",
                "stages: {a: {type: sft, model: m, dataset: d, betta: 1}}",
                "stages: {a: {type: sft, dataset: d}}",
                "stages: {a: {type: sft, model: m, dataset: d, learning_rate: fast}}",
                "stages: {a: {type: sft, model: m, dataset: d, learning_rate: -1}}",
                "stages: {a: {type: sft, model: m, dataset: d, lr_scheduler_type: cosin}}",
                "stages: {a: {type: sft, model: m, dataset: d, max_steps: 1.5}}",
                "stages: {a: {type: dpo, model: m, dataset: d, loss_type: sigmoyd}}",
                "stages: {a: {type: dpo, model: m, dataset: d, loss_type: [sigmoid, sfft]}}",
                "stages: {a: {type: online_dpo, model: m, dataset: d, reward_model: r, loss_type: plackett_luce}}",
                "stages: {a: {type: ppo, model: m, dataset: d, reward_function: lenght}}",
                "stages: {a: {type: grpo, model: m, dataset: d, rewards: [{function: numerik}]}}",
                "stages: {a: {type: grpo, model: m, dataset: d, rewards: numerik}}",
                "stages: {a: {type: sft, model: m, dataset: d, batch_size: 0}}",
                "stages: {a: {type: sft, model: m, dataset: d, adam_beta1: 1}}",
                "stages: {a: {type: sft, model: m, dataset: d, shuffle: 1}}",
                "stages: {a: {type: sft, model: m, dataset: d, adapter: {r: 0}}}",
                "stages: {a: {type: sft, model: m, dataset: d, adapter: {rank: 8}}}",
                "stages: {a: {type: sft, model: m, dataset: d, adapter: {init: pisa}}}",
                "stages: {a: {type: dpo, model: m, dataset: {path: d, limt: 3}}}",
                "stages: {a: {type: dpo, model: m, dataset: {path: d, limit: 0}}}",
                "stages: {a: {type: dpo, model: m, dataset: d, eval_dataset: {short: {pth: d}}}}",
                "stages: {a: {type: dpo, model: {base: m}, dataset: d}}",
                "{sede: 3, stages: {a: {type: evaluate}}}",
                "{report_to: tensorbord, stages: {a: {type: evaluate}}}",
                "{report_to: mlflow, stages: {a: {type: evaluate}}}",
                "{report_to: [prometheus: {port: 70000}], stages: {a: {type: evaluate}}}",
                "{seed: -3, stages: {a: {type: evaluate}}}",
                "{stages: {a: {type: evaluate}}, experiment: {gird: {seed: [1]}}}",
                "{stages: {a: {type: evaluate}}, experiment: {grid: {seed: 1}}}"
            })
    void refuses(String yaml) throws IOException {
        assertThat(mistakes(yaml)).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{report_to: none, stages: {a: {type: evaluate}}}",
                "stages: {a: {type: dpo, model: m, dataset: d, loss_type: [sigmoid, sft]}}",
                "stages: {a: {type: dpo, model: m, dataset: d, loss_type: plackett_luce}}",
                "stages: {a: {type: ppo, model: m, dataset: d, reward_function: numeric}}",
                "{report_to: csv, stages: {a: {type: evaluate}}}",
                "{report_to: [tensorboard, mlflow: {url: \"http://h:1\", experiment: e}, prometheus: {port: 0}],"
                        + " stages: {a: {type: evaluate}}}",
                "{name: 2026, x-dpo: {beta: 1}, stages: {a: {type: evaluate}}}",
                "{model: m, stages: {a: {type: sft, model: $model, dataset: [a, b], learning_rate: 1e-3, warmup_steps:"
                        + " 0.1}}}",
                "stages: {a: {type: sft, model: {base: m, adapter: b}, dataset: {path: [a, b], split: {part: a,"
                        + " fractions: {a: 0.5, b: 0.5}}}, eval_dataset: {short: a, long: {path: b}}}}",
                "stages: {a: {type: sft, model: m, dataset: d, adapter: {r: 8, init: true, target_modules:"
                        + " all-linear}}}",
                "stages: {a: {type: grpo, model: m, dataset: d, rewards: [numeric, {function: format, weight: 0.2},"
                        + " {http: \"http://localhost:1\"}]}}",
                "{stages: {a: {type: evaluate}}, experiment: {grid: {seed: [1, 2]}, each: [{a.limit: [1, 2]}],"
                        + " metrics: a.b, budget: {hours: 0.5}}}"
            })
    void accepts(String yaml) throws IOException {
        assertThat(mistakes(yaml)).isEmpty();
    }

    @Test
    void namesThatAUsersModuleBindsAreChoicesToo() {
        Module users = new AbstractModule() {
            @Override
            protected void configure() {
                RewardBinder.rewardBinder(binder()).bind("taste", RewardFunction.each(answer -> 0.0));
            }
        };
        try (Rlhf4j engine = Rlhf4j.create(users)) {
            JsonNode own = RunSchema.of(engine.stages(), engine.trackers(), engine.boundNames());
            JsonNode keys = own.at("/$defs/stage-grpo/properties");
            assertThat(keys.path("reward_function").toString()).contains("\"numeric\"", "\"taste\"");
            assertThat(keys.path("rewards").toString()).contains("\"numeric\"", "\"taste\"");
            assertThat(schema.at("/$defs/stage-grpo/properties").toString()).doesNotContain("\"taste\"");
        }
    }

    @Test
    void hasRangesChoicesAndTheMeaningsOfNestedKeys() {
        JsonNode sft = schema.at("/$defs/stage-sft/properties");

        assertThat(sft.at("/learning_rate/exclusiveMinimum").isNumber()
                        || sft.at("/learning_rate/minimum").isNumber())
                .isTrue();
        assertThat(sft.at("/adam_beta1").toString()).contains("\"minimum\":0", "\"exclusiveMaximum\":1");
        assertThat(sft.at("/lr_scheduler_type/enum")).isNotEmpty();
        assertThat(sft.at("/adapter").toString()).contains("\"r\":", "the rank", "\"maximum\":65536");
        assertThat(schema.at("/$defs/dataset").toString()).contains("\"limit\"", "before splitting");
    }
}
