package io.github.rlhf4j.cli.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.cli.verify.Verification.Outcome;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.reference.ReferenceKernels;
import io.github.rlhf4j.core.tensor.DataType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerificationTest {
    @TempDir
    private Path folder;

    @Test
    void whatDoesNotHoldIsCountedAndWhatFailsDoesNotHold() {
        List<String> lines = new ArrayList<>();
        Verification verification = new Verification(lines::add);
        verification.check("small", () -> Outcome.atMost(1, 0.5, "difference"));
        verification.check("large", () -> Outcome.atMost(1, 2, "difference"));
        verification.check("none", () -> Outcome.atMost(1, Double.NaN, "difference"));
        verification.check("broken", () -> {
            throw new UserError("no such file");
        });
        assertThat(verification.checks()).isEqualTo(4);
        assertThat(verification.failures()).isEqualTo(3);
        assertThat(lines.get(0)).startsWith("ok    small").endsWith("difference 0.50 (at most 1e+00)");
        assertThat(lines.get(1)).startsWith("FAIL  large");
        assertThat(lines.get(3)).startsWith("FAIL  broken").endsWith("no such file");
    }

    @Test
    void gradientsOfASmallModelAreItsDifferenceQuotients() throws IOException {
        GoldenModel golden = GoldenModel.unpack("qwen3", folder);
        assertThat(GradientCheck.largestDifference(golden, new ReferenceKernels(DataType.DOUBLE)))
                .isBetween(0.0, 1e-6);
    }
}
