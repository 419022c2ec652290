package io.github.rlhf4j.tinker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlaceTest {
    @Test
    void isAFolderOfTheServers() {
        Place place = Place.of("tinker://session-0002:train:1/weights/step-10.a");
        assertThat(place.under(Path.of("root"))).isEqualTo(Path.of("root/session-0002/train-1/weights/step-10.a"));
        assertThat(place.path()).isEqualTo("tinker://session-0002:train:1/weights/step-10.a");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/etc/passwd",
                "tinker://session-0002:train:1/weights",
                "tinker://session-0002:train:1/weights/../x",
                "tinker://session-0002:train:1/weights/..",
                "tinker://session-0002:train:1/weights/.hidden",
                "tinker://session-0002:train:1/weights/a\\b",
                "tinker://session-0002:train:1/weights/",
                "tinker://session-0002:train:1/other/x",
                "tinker://../weights/x",
                "tinker://session-0002:train:../weights/x"
            })
    void nothingElseIs(String path) {
        assertThatThrownBy(() -> Place.of(path)).isInstanceOf(UserError.class);
    }
}
