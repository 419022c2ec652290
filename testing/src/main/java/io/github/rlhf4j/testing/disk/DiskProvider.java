package io.github.rlhf4j.testing.disk;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.spi.FileSystemProvider;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;

/** The files of this computer, whose changes a {@link Disk} makes; the JVM constructs it as its default file system. {@code java.io} goes past it. */
public final class DiskProvider extends FileSystemProvider {
    private final FileSystemProvider real;
    private final DiskFileSystem system;
    private final Disk disk = Disk.OF_THIS_PROCESS;

    /** @param real the JVM's own */
    public DiskProvider(FileSystemProvider real) {
        this.real = real;
        this.system = new DiskFileSystem(this, real.getFileSystem(URI.create("file:///")));
    }

    private static Path real(Path path) {
        return DiskPath.real(path);
    }

    private Path own(Path path) {
        return new DiskPath(system, path);
    }

    @Override
    public String getScheme() {
        return real.getScheme();
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> environment) throws IOException {
        return real.newFileSystem(uri, environment);
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        return system;
    }

    @Override
    public Path getPath(URI uri) {
        return own(real.getPath(uri));
    }

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        return newFileChannel(path, options, attributes);
    }

    @Override
    public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        Path file = real(path);
        boolean exists = Files.exists(file, LinkOption.NOFOLLOW_LINKS);
        boolean mayCreate =
                options.contains(StandardOpenOption.CREATE) || options.contains(StandardOpenOption.CREATE_NEW);
        Disk.Work<FileChannel> open = () -> real.newFileChannel(file, options, attributes);
        FileChannel channel;
        if (!exists && mayCreate) {
            channel = disk.change(Change.CREATE, file, open);
        } else if (options.contains(StandardOpenOption.TRUNCATE_EXISTING) && Files.isRegularFile(file)) {
            channel = disk.change(Change.TRUNCATE, file, open);
        } else {
            channel = open.run();
        }
        boolean isFolder = Files.isDirectory(file);
        return new DiskChannel(channel, file.toAbsolutePath(), isFolder ? Change.FORCE_FOLDER : Change.FORCE, disk);
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path directory, DirectoryStream.Filter<? super Path> filter)
            throws IOException {
        DirectoryStream<Path> entries = real.newDirectoryStream(real(directory), path -> filter.accept(own(path)));
        return new DirectoryStream<>() {
            @Override
            public Iterator<Path> iterator() {
                Iterator<Path> each = entries.iterator();
                return new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                        return each.hasNext();
                    }

                    @Override
                    public Path next() {
                        return own(each.next());
                    }
                };
            }

            @Override
            public void close() throws IOException {
                entries.close();
            }
        };
    }

    @Override
    public void createDirectory(Path directory, FileAttribute<?>... attributes) throws IOException {
        Path folder = real(directory);
        if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            real.createDirectory(folder, attributes); // refused
            return;
        }
        disk.act(Change.FOLDER, folder, () -> real.createDirectory(folder, attributes));
    }

    @Override
    public void createSymbolicLink(Path link, Path target, FileAttribute<?>... attributes) throws IOException {
        disk.act(Change.LINK, real(link), () -> real.createSymbolicLink(real(link), real(target), attributes));
    }

    @Override
    public void createLink(Path link, Path existing) throws IOException {
        disk.act(Change.LINK, real(link), () -> real.createLink(real(link), real(existing)));
    }

    @Override
    public Path readSymbolicLink(Path link) throws IOException {
        return own(real.readSymbolicLink(real(link)));
    }

    @Override
    public void delete(Path path) throws IOException {
        Path file = real(path);
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            real.delete(file); // refused
            return;
        }
        disk.act(Change.DELETE, file, () -> real.delete(file));
    }

    @Override
    public void copy(Path source, Path target, CopyOption... options) throws IOException {
        disk.act(Change.COPY, real(source), real(target), () -> real.copy(real(source), real(target), options));
    }

    @Override
    public void move(Path source, Path target, CopyOption... options) throws IOException {
        disk.act(Change.MOVE, real(source), real(target), () -> real.move(real(source), real(target), options));
    }

    @Override
    public boolean isSameFile(Path path, Path other) throws IOException {
        return real.isSameFile(real(path), real(other));
    }

    @Override
    public boolean isHidden(Path path) throws IOException {
        return real.isHidden(real(path));
    }

    @Override
    public FileStore getFileStore(Path path) throws IOException {
        return real.getFileStore(real(path));
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        real.checkAccess(real(path), modes);
    }

    @Override
    public <V extends FileAttributeView> V getFileAttributeView(Path path, Class<V> type, LinkOption... options) {
        return real.getFileAttributeView(real(path), type, options);
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
            throws IOException {
        return real.readAttributes(real(path), type, options);
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options) throws IOException {
        return real.readAttributes(real(path), attributes, options);
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options) throws IOException {
        disk.act(Change.ATTRIBUTE, real(path), () -> real.setAttribute(real(path), attribute, value, options));
    }
}
