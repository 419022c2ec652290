package io.github.rlhf4j.core.stage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against the bytes of TensorBoard's own writer (tools/golden/events.py). */
class EventFileTest {
    @TempDir
    private Path folder;

    @Test
    void writesWhatTensorBoardWrites() throws IOException {
        Path file = folder.resolve("events");
        Map<String, Double> training = new LinkedHashMap<>();
        training.put("loss", 2.25);
        training.put("rewards/chosen", -0.1);
        long kept;
        try (EventFile events = EventFile.open(file, 0, 1.5)) {
            events.write(2.5, 3, training);
            kept = events.sync();
            events.write(2.5, 6, Map.of("loss", 7.0)); // of a run that died, to be cut off
        }
        try (EventFile resumed = EventFile.open(file, kept, 9)) {
            resumed.write(2.5, 300, Map.of("eval_loss", 1e-9));
        }

        try (InputStream expected = EventFileTest.class.getResourceAsStream("events.tfevents")) {
            assertThat(file).hasBinaryContent(expected.readAllBytes());
        }
    }
}
