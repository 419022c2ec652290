package io.github.rlhf4j.core.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StructuredOutputsConfigTest {
    private static StructuredOutputsConfig json(String json) {
        return new StructuredOutputsConfig(List.of(), Optional.empty(), Optional.of(json), Optional.empty());
    }

    @Test
    void aSchemaIsAFileOrTheTextItself(@TempDir Path folder) throws IOException {
        String schema = "{\"type\": \"integer\", \"maximum\": 3}";
        Path file = Files.writeString(folder.resolve("schema.json"), schema);
        for (StructuredOutputsConfig config : List.of(json(schema), json(file.toString()))) {
            assertThat(config.outputs().grammar().accepts("3")).isTrue();
            assertThat(config.outputs().grammar().accepts("4")).isFalse();
        }
        assertThatThrownBy(() -> json(folder + "/none.json")).hasMessageContaining("cannot be read");
        assertThatThrownBy(() -> json("{\"typ\": 1}")).hasMessageContaining("has the keyword typ");
    }

    @Test
    void oneKindIsGiven() {
        assertThat(StructuredOutputsConfig.choice("a", "b").outputs().grammar().accepts("b"))
                .isTrue();
        assertThatThrownBy(() ->
                        new StructuredOutputsConfig(List.of(), Optional.empty(), Optional.empty(), Optional.empty()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("must be one of choice, regex, json, json_object");
        assertThatThrownBy(() ->
                        new StructuredOutputsConfig(List.of("a"), Optional.of("b"), Optional.empty(), Optional.empty()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("not alone");
        assertThatThrownBy(() ->
                        new StructuredOutputsConfig(List.of(), Optional.of("(a"), Optional.empty(), Optional.empty()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("without its )");
    }
}
