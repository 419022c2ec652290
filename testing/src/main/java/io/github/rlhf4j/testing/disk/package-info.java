/**
 * A disk that fails: under the whole program, as the default file system of a Java process, every write, rename and fsync can be made the last one, torn, refused, or lost with the power.
 *
 * <p>A process has it when started with {@code -Djava.nio.file.spi.DefaultFileSystemProvider=io.github.rlhf4j.testing.disk.DiskProvider}. Start at {@link
 * io.github.rlhf4j.testing.disk.Disk}.
 */
@NullMarked
package io.github.rlhf4j.testing.disk;

import org.jspecify.annotations.NullMarked;
