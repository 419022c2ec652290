package io.github.rlhf4j.pipeline.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EffectiveConfigTest {
    private final EffectiveConfig config = new EffectiveConfig(
            YamlReader.readMap("beta: 0.1\nlabel_smoothing: 0\nmax_steps: 10", "defaults", Origin.DEFAULT)
                    .overlaidBy(YamlReader.readMap("dataset: {path: 'a: b #c', limit: 3}\nbeta: 0.2", "x.yaml")));

    @Test
    void whatIsStoredReadsBackAsTheSame(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("config.yaml"), config.toYaml());
        assertThat(EffectiveConfig.read(file).differencesFrom(config)).isEmpty();
        assertThat(config.toYaml()).contains("beta: 0.2  # x.yaml:2\n", "label_smoothing: 0  # default\n");
    }

    @Test
    void differencesNameBothValues() {
        EffectiveConfig other = new EffectiveConfig(config.entries()
                .with("beta", new ConfigValue.Scalar("0.3", false, Origin.COMMAND_LINE))
                .without("max_steps"));
        assertThat(other.differencesFrom(config)).containsExactly("beta: 0.2 -> 0.3", "max_steps: 10 -> (none)");
    }

    @Test
    void quotesAroundATextAreNoDifferenceButAroundANumberTheyAre() {
        EffectiveConfig plain = new EffectiveConfig(
                YamlReader.readMap("dataset: synthetic:prompts\nlist: [a, {b: c}]\nname: 7", "x.yaml"));
        EffectiveConfig quoted = new EffectiveConfig(
                YamlReader.readMap("dataset: \"synthetic:prompts\"\nlist: ['a', {b: \"c\"}]\nname: \"7\"", "x.yaml"));
        assertThat(quoted.changedKeys(plain)).containsExactly("name");
        assertThat(plain.changedKeys(quoted)).containsExactly("name");
    }

    @Test
    void theTableShowsWhatWasGivenWithItsOriginAndTheDefaultsInBrief() {
        assertThat(config.table("dpo"))
                .containsExactly(
                        "dpo:",
                        "  beta     0.2                          (x.yaml:2)",
                        "  dataset  {path: \"a: b #c\", limit: 3}  (x.yaml:1)",
                        "  defaults: label_smoothing=0 max_steps=10");
    }
}
