package io.github.rlhf4j.cli.torture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A few of the inputs of tools/bad-inputs, which has as many as are wanted. */
class BadInputsTest {
    private static final int INPUTS = 3; // of each kind, the whole one among them

    @TempDir
    Path folder;

    @Test
    void everyDamagedInputIsRefusedInOneLineOrAcceptedRightly() throws IOException, InterruptedException {
        BadInputsReport report = new BadInputsReport(folder, 20261127, INPUTS);
        report.run(List.of());
        assertThat(report.faults()).isEmpty();
        assertThat(report.total()).isGreaterThan(40 * INPUTS);
    }
}
