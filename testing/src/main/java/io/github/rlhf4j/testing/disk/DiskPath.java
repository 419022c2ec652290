package io.github.rlhf4j.testing.disk;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import org.jspecify.annotations.Nullable;

/** A path of the {@link DiskFileSystem}. */
final class DiskPath implements Path {
    private final DiskFileSystem system;
    private final Path real;

    DiskPath(DiskFileSystem system, Path real) {
        this.system = system;
        this.real = real;
    }

    /** The path of the real file system; itself where it is one. */
    static Path real(Path path) {
        return path instanceof DiskPath own ? own.real : path;
    }

    private Path wrap(Path path) {
        return new DiskPath(system, path);
    }

    private @Nullable Path wrapped(@Nullable Path path) {
        return path == null ? null : wrap(path);
    }

    @Override
    public FileSystem getFileSystem() {
        return system;
    }

    @Override
    public boolean isAbsolute() {
        return real.isAbsolute();
    }

    @Override
    public @Nullable Path getRoot() {
        return wrapped(real.getRoot());
    }

    @Override
    public @Nullable Path getFileName() {
        return wrapped(real.getFileName());
    }

    @Override
    public @Nullable Path getParent() {
        return wrapped(real.getParent());
    }

    @Override
    public int getNameCount() {
        return real.getNameCount();
    }

    @Override
    public Path getName(int index) {
        return wrap(real.getName(index));
    }

    @Override
    public Path subpath(int begin, int end) {
        return wrap(real.subpath(begin, end));
    }

    @Override
    public boolean startsWith(Path other) {
        return other instanceof DiskPath && real.startsWith(real(other));
    }

    @Override
    public boolean endsWith(Path other) {
        return other instanceof DiskPath && real.endsWith(real(other));
    }

    @Override
    public Path normalize() {
        return wrap(real.normalize());
    }

    @Override
    public Path resolve(Path other) {
        return wrap(real.resolve(own(other)));
    }

    @Override
    public Path relativize(Path other) {
        return wrap(real.relativize(own(other)));
    }

    private static Path own(Path other) {
        if (!(other instanceof DiskPath)) {
            throw new ProviderMismatchException();
        }
        return real(other);
    }

    @Override
    public URI toUri() {
        return real.toUri();
    }

    @Override
    public Path toAbsolutePath() {
        return wrap(real.toAbsolutePath());
    }

    @Override
    public Path toRealPath(LinkOption... options) throws IOException {
        return wrap(real.toRealPath(options));
    }

    @Override
    public File toFile() {
        return new File(real.toString());
    }

    @Override
    public WatchKey register(WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers)
            throws IOException {
        return real.register(watcher, events, modifiers);
    }

    @Override
    public int compareTo(Path other) {
        return real.compareTo(own(other));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof DiskPath path && real.equals(path.real);
    }

    @Override
    public int hashCode() {
        return real.hashCode();
    }

    @Override
    public String toString() {
        return real.toString();
    }
}
