package io.github.rlhf4j.pipeline.config;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.GivenKeys;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.core.stage.StageContext;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Keys that a stage's parts declare beside those of its record. */
class DeclaredKeysTest {
    enum Side {
        LEFT,
        RIGHT
    }

    private static final ConfigKey<Double> MARGIN = ConfigKey.number("margin", 0.5)
            .atLeast(0)
            .below(2)
            .meaning("how far apart, nats")
            .source("Meng et al. 2024");
    private static final ConfigKey<Long> TOP = ConfigKey.whole("top", 3).atLeast(1);
    private static final ConfigKey<Side> SIDE = ConfigKey.choice("side", Side.LEFT);
    private static final ConfigKey<String> KIND = ConfigKey.choice("kind", List.of("square", "round"), "round");
    private static final ConfigKey<Double> RADIUS =
            ConfigKey.number("radius", 1).above(0).onlyWith(KIND, "round");
    private static final ConfigKey<Boolean> CENTRED = ConfigKey.flag("centred", false);
    private static final ConfigKey<String> WORDS_PATH = ConfigKey.text("words_path", "");
    private static final List<ConfigKey<?>> DECLARED = List.of(MARGIN, TOP, SIDE, KIND, RADIUS, CENTRED, WORDS_PATH);

    record Group(long maxSteps) implements ConfigGroup {}

    record Config(double beta, GivenKeys parts, Group group) {
        Config {
            checkConfig(beta > 0, "beta", beta, "must be > 0");
        }
    }

    private final Problems problems = new Problems();

    @Test
    void aGivenKeyHasItsValueAndAnAbsentOneItsDefault() {
        GivenKeys given = bind("{margin: 1.5, side: right, kind: square, centred: true, top: 7}")
                .orElseThrow()
                .parts();
        assertThat(given.get(MARGIN)).isEqualTo(1.5);
        assertThat(given.get(TOP)).isEqualTo(7);
        assertThat(given.get(SIDE)).isEqualTo(Side.RIGHT);
        assertThat(given.get(KIND)).isEqualTo("square");
        assertThat(given.get(CENTRED)).isTrue();
        assertThat(given.get(RADIUS)).isEqualTo(1);
        assertThat(given.names()).containsExactly("margin", "top", "side", "kind", "centred");
        assertThat(bind("{margin: null}").orElseThrow().parts()).isEqualTo(GivenKeys.NONE);
    }

    @Test
    void mistakesAreReportedAsThoseOfTheRecordAllAtOnce() {
        assertThat(bind("{beta: -1, margin: 2, top: 0, side: lfet, kind: rund, centred: yes, marign: 1}"))
                .isEmpty();
        assertThat(problems.lines())
                .containsExactlyInAnyOrder(
                        "s.beta must be > 0, but is -1.0 (t:1)",
                        "s.margin must be in [0, 2), but is 2.0 (t:1)",
                        "s.top must be >= 1, but is 0 (t:1)",
                        "s.side must be one of left, right, but is lfet; did you mean left? (t:1)",
                        "s.kind must be one of square, round, but is rund; did you mean round? (t:1)",
                        "s.centred must be true or false, but is yes (t:1)",
                        "s.marign is not a known key; did you mean margin? (t:1)");
    }

    @Test
    void aKeyThatDoesNothingBesideAnotherIsAMistake() {
        assertThat(bind("{kind: square, radius: 2}")).isEmpty();
        assertThat(problems.lines())
                .containsExactly("s.radius does nothing without kind: round, so must be left out, but is 2.0 (t:1)");
        assertThat(bind("{radius: 2}")).isPresent();
    }

    @Test
    void aNameThatTheStageHasAlreadyIsRefused() {
        assertThatThrownBy(() -> ConfigKeys.of(Config.class, List.of(ConfigKey.number("max_steps", 1))))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("a module declares the key max_steps, which the stage has already");
        assertThatThrownBy(() -> ConfigKeys.of(Config.class, List.of(ConfigKey.number("seed", 1))))
                .isInstanceOf(UserError.class);
        assertThatThrownBy(() -> ConfigKey.number("Margin", 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void helpAndEditorsSeeDefaultAndMeaning() {
        StageKeys keys = StageKeys.of(new Parts(), "parts");
        assertThat(keys.keys().keySet().stream().toList())
                .containsExactly(
                        "beta", "margin", "top", "side", "kind", "radius", "centred", "words_path", "max_steps");
        assertThat(Objects.requireNonNull(keys.keys().get("margin")).standing()).isEqualTo("0.5");
        assertThat(Objects.requireNonNull(keys.keys().get("margin")).meaning())
                .isEqualTo("how far apart, nats (Meng et al. 2024)");
        assertThat(Objects.requireNonNull(keys.keys().get("side")).standing()).isEqualTo("left");
        assertThat(Objects.requireNonNull(keys.keys().get("radius")).standing()).isEqualTo("1");
        assertThat(Objects.requireNonNull(keys.keys().get("centred")).isRequired())
                .isFalse();
    }

    private Optional<Config> bind(String yaml) {
        return new ConfigBinder(name -> new ModelReference(name, Path.of(name)), problems)
                .bind(
                        Config.class,
                        DECLARED,
                        YamlReader.readMap("{beta: 0.1, max_steps: 10}", "defaults", Origin.DEFAULT),
                        YamlReader.readMap(yaml, "t"),
                        "s");
    }

    private static final class Parts implements Stage<Config> {
        @Override
        public Class<Config> configType() {
            return Config.class;
        }

        @Override
        public List<ConfigKey<?>> keys() {
            return DECLARED;
        }

        @Override
        public void run(Config config, StageContext context) {}
    }
}
