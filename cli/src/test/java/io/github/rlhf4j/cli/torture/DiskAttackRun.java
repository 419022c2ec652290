package io.github.rlhf4j.cli.torture;

import io.github.rlhf4j.testing.disk.Disk;
import io.github.rlhf4j.testing.disk.DiskFault;
import java.io.IOException;
import java.nio.file.Path;

/** One run on a disk that fails. */
record DiskAttackRun(ToyRun run, Path watched) {
    /** Whether the fault has killed it. */
    boolean dies(DiskFault fault, String... more) throws IOException {
        Disk.OF_THIS_PROCESS.watch(watched, fault);
        try {
            run.run(more);
        } catch (io.github.rlhf4j.testing.disk.DiskKilled e) {
            // as it should be
        }
        boolean dead = Disk.OF_THIS_PROCESS.isDead();
        Disk.OF_THIS_PROCESS.release();
        return dead;
    }
}
