package io.github.rlhf4j.cli.torture;

import io.github.rlhf4j.cli.Main;
import io.github.rlhf4j.testing.disk.Disk;
import io.github.rlhf4j.testing.disk.DiskFault;
import java.nio.file.Path;

/** The program on a disk whose every change takes 5 ms, so that most kills come in the middle of a write. The first argument is the folder that is slow. */
public final class SlowDisk {
    private SlowDisk() {}

    public static void main(String[] arguments) {
        Disk.OF_THIS_PROCESS.watch(Path.of(arguments[0]), new DiskFault(DiskFault.Kind.SLOW, 1));
        String[] rest = new String[arguments.length - 1];
        System.arraycopy(arguments, 1, rest, 0, rest.length);
        Main.main(rest);
    }
}
