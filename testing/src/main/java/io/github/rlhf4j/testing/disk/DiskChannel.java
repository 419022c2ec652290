package io.github.rlhf4j.testing.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/** A file whose changes a {@link Disk} makes. */
final class DiskChannel extends FileChannel {
    private final FileChannel real;
    private final Path path;
    private final Change force;
    private final Disk disk;

    DiskChannel(FileChannel real, Path path, Change force, Disk disk) {
        this.real = real;
        this.path = path;
        this.force = force;
        this.disk = disk;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        return disk.change(Change.WRITE, path, path, () -> real.write(source), () -> real.write(half(source)));
    }

    @Override
    public int write(ByteBuffer source, long position) throws IOException {
        return disk.change(
                Change.WRITE, path, path, () -> real.write(source, position), () -> real.write(half(source), position));
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        return disk.change(Change.WRITE, path, path, () -> real.write(sources, offset, length), () -> {
            if (length > 0) {
                real.write(half(sources[offset]));
            }
        });
    }

    private static ByteBuffer half(ByteBuffer source) {
        return source.duplicate().limit(source.position() + source.remaining() / 2);
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
        disk.act(Change.TRUNCATE, path, () -> real.truncate(size));
        return this;
    }

    @Override
    public void force(boolean metaData) throws IOException {
        disk.act(force, path, () -> real.force(metaData));
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count) throws IOException {
        return disk.change(Change.WRITE, path, () -> real.transferFrom(source, position, count));
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
        return real.transferTo(position, count, target);
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        return real.read(target);
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) throws IOException {
        return real.read(targets, offset, length);
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
        return real.read(target, position);
    }

    @Override
    public long position() throws IOException {
        return real.position();
    }

    @Override
    public FileChannel position(long newPosition) throws IOException {
        real.position(newPosition);
        return this;
    }

    @Override
    public long size() throws IOException {
        return real.size();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
        return real.map(mode, position, size);
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) throws IOException {
        return real.lock(position, size, shared);
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) throws IOException {
        return real.tryLock(position, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
        real.close();
    }
}
