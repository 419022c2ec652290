package io.github.rlhf4j.sft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.testing.StageOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Blocks of native memory that a stage asks for, evenly over all of them, are refused once each: what was saved is whole, and the resumed run is the unbroken one. */
class OutOfMemoryTest {
    private static final long PLACES = 8;

    @TempDir
    private Path folder;

    @AfterEach
    void memoryIsThere() {
        NativeMemory.beforeEachBlock(bytes -> {});
    }

    @Test
    void whereverMemoryEndsTheResumedRunIsTheUnbrokenOne() {
        TinySft tiny = new TinySft(folder);
        SftConfig config = tiny.config(
                "start", keys -> keys.training(training -> training.maxSteps(4).saveSteps(1)));
        AtomicLong asked = new AtomicLong();
        NativeMemory.beforeEachBlock(bytes -> asked.incrementAndGet());
        StageOutput unbroken = tiny.harness.run("unbroken", SftTrainer.class, config);
        long blocks = asked.get();
        assertThat(blocks).isBetween(5L, 200L);

        for (long refused = 1; refused <= blocks; refused += Math.max(1, blocks / PLACES)) {
            long number = refused;
            asked.set(0);
            NativeMemory.beforeEachBlock(bytes -> {
                if (asked.incrementAndGet() == number) {
                    throw new OutOfMemoryError("none");
                }
            });
            String name = "refused-" + refused;
            assertThatThrownBy(() -> tiny.harness.run(name, SftTrainer.class, config))
                    .hasRootCauseInstanceOf(OutOfMemoryError.class);
            NativeMemory.beforeEachBlock(bytes -> {});
            StageOutput resumed = tiny.harness.resume(name, SftTrainer.class, config);
            assertThat(resumed.weights()).isEqualTo(unbroken.weights());
            assertThat(resumed.lines()).isEqualTo(unbroken.lines());
            assertThat(temporaries(folder.resolve(name))).isEmpty();
        }
    }

    private static List<Path> temporaries(Path stage) {
        try (Stream<Path> files = Files.walk(stage)) {
            return files.filter(file -> file.toString().contains(".tmp-")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
