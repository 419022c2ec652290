package io.github.rlhf4j.core.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PathsBelowTest {
    @ParameterizedTest
    @ValueSource(strings = {"runs/a", ".", "/runs", "x/../runs"})
    void aNameIsTakenAsItIs(String folder) {
        assertThat(PathsBelow.of(Path.of(folder), "sft"))
                .contains(Path.of(folder).resolve("sft"));
        assertThat(PathsBelow.of(Path.of(folder), "sft/model")).contains(Path.of(folder, "sft", "model"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "../a2", "../a", "sft/../..", "/etc", "sft/..", "s\0t"})
    void whatIsNotBelowIsNothing(String name) {
        Path folder = Path.of("runs/a");
        assertThat(PathsBelow.of(folder, name)).isEmpty();
        assertThatThrownBy(() -> PathsBelow.of(folder, name, folder.resolve("summary.json")))
                .isInstanceOf(UserError.class)
                .hasMessage(folder.resolve("summary.json") + " names " + name + ", which must be something in " + folder
                        + ", but is not");
    }
}
