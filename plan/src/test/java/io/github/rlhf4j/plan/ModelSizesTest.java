package io.github.rlhf4j.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Parameters are those that transformers counts, by part; fixture: tools/golden/model_sizes.py. */
class ModelSizesTest {
    private static final JsonNode FIXTURE = Data.read("model-sizes.json");

    static List<String> cases() {
        List<String> names = new ArrayList<>();
        FIXTURE.path("cases").forEach(one -> names.add(one.path("name").asText()));
        return names;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void areThoseOfTransformers(String name) {
        JsonNode expected = expected(name);
        HuggingFaceConfig config =
                KnownModels.find(name).map(KnownModel::config).orElseGet(() -> Configs.empty("", name));
        for (var key : expected.path("config").properties()) {
            config = config.with(key.getKey(), key.getValue());
        }
        Parameters counted = Parameters.of(ShapeReader.read(config));
        JsonNode parts = expected.path("parameters");
        assertThat(counted.total()).isEqualTo(parts.path("total").longValue());
        assertThat(counted.embedding()).isEqualTo(parts.path("embedding").longValue());
        assertThat(counted.attention()).isEqualTo(parts.path("attention").longValue());
        assertThat(counted.mlp()).isEqualTo(parts.path("mlp").longValue());
        assertThat(counted.experts()).isEqualTo(parts.path("experts").longValue());
        assertThat(counted.norms()).isEqualTo(parts.path("norms").longValue());
        assertThat(counted.head()).isEqualTo(parts.path("head").longValue());
    }

    private static JsonNode expected(String name) {
        for (JsonNode one : FIXTURE.path("cases")) {
            if (one.path("name").asText().equals(name)) {
                return one;
            }
        }
        throw new IllegalArgumentException(name);
    }

    @Test
    void everyFamilyIsCompared() {
        Set<String> compared = new TreeSet<>();
        FIXTURE.path("cases")
                .forEach(one ->
                        compared.add(one.path("config").path("model_type").asText()));
        Set<String> all = new TreeSet<>(FamilyRules.names());
        all.remove("gopher"); // in no library: by its paper's table, below
        assertThat(compared).containsAll(all);
        assertThat(cases()).hasSizeGreaterThan(140);
    }

    /** The table's own numbers, from model cards: a mistake in a config of models.json shows here. */
    @Test
    void areThePublishedOnes() {
        Data.read("models.json").path("models").forEach(entry -> {
            if (entry.has("published_parameters")) {
                KnownModel model = KnownModel.of(entry);
                assertThat(Parameters.of(ShapeReader.read(model.config())).total())
                        .as(model.name())
                        .isEqualTo(entry.path("published_parameters").longValue());
            }
        });
    }

    @Test
    void mixtralHasWhatItsPaperSays() {
        Parameters counted = Parameters.of(
                ShapeReader.read(KnownModels.find("mixtral-8x7b").orElseThrow().config()));
        assertThat(counted.total()).isEqualTo(46_702_792_704L);
        assertThat(counted.active()).isEqualTo(12_879_925_248L);
    }

    /** Hoffmann et al. 2022, Table A9, in millions: 50 models. */
    @Test
    void chinchillasTableIsMet() {
        List<KnownModel> table = KnownModels.all().stream()
                .filter(model -> model.name().matches("chinchilla-\\d+m"))
                .toList();
        assertThat(table).hasSize(50);
        for (KnownModel model : table) {
            double published = Double.parseDouble(model.name().replaceAll("\\D", ""));
            assertThat(Parameters.of(ShapeReader.read(model.config())).total() / 1e6)
                    .as(model.name())
                    .isCloseTo(published, within(0.008 * published + 0.5));
        }
    }

    @Test
    void namesAreFoundAsTheHubWritesThem() {
        for (String name : List.of(
                "meta-llama/Llama-2-7b-hf",
                "Llama-2-7b-chat-hf",
                "LLAMA2-7B",
                "mistralai/Mixtral-8x7B-Instruct-v0.1",
                "Qwen/Qwen2.5-0.5B-Instruct",
                "HuggingFaceTB/SmolLM2-135M",
                "openai-community/gpt2",
                "google/gemma-2-2b-it",
                "meta-llama/Llama-3.1-405B")) {
            assertThat(KnownModels.find(name)).as(name).isPresent();
        }
    }
}
