package io.github.rlhf4j.core.stage;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * A TensorBoard event file of scalars that is appended to; each event is written at once.
 *
 * <p>Records are TFRecords (length, its checksum, bytes, their checksum), the bytes a protocol buffer {@code tensorflow.Event}. Source: tensorflow/core/util/event.proto, lib/io/record_writer.h.
 */
final class EventFile implements AutoCloseable {
    private static final int CRC_DELTA = 0xa282ead8; // of TFRecord's masked checksums
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private final AppendedFile file;

    private EventFile(AppendedFile file) {
        this.file = file;
    }

    /**
     * Opens a file for appending, keeping its first {@code length} bytes.
     *
     * @param wallSeconds since 1970, of the first event of a new file
     */
    static EventFile open(Path file, long length, double wallSeconds) {
        EventFile events = new EventFile(AppendedFile.open(file, length));
        if (events.file.length() == 0) {
            events.append(new Message()
                    .fixed64(1, Double.doubleToLongBits(wallSeconds))
                    .bytes(3, "brain.Event:2".getBytes(StandardCharsets.UTF_8)));
        }
        return events;
    }

    /** Appends the scalars of a step. */
    void write(double wallSeconds, long step, Map<String, Double> values) {
        Message summary = new Message();
        values.forEach((tag, value) -> summary.bytes(
                1,
                new Message()
                        .bytes(1, tag.getBytes(StandardCharsets.UTF_8))
                        .fixed32(2, Float.floatToIntBits(value.floatValue()))
                        .toBytes()));
        append(new Message()
                .fixed64(1, Double.doubleToLongBits(wallSeconds))
                .varint(2, step)
                .bytes(5, summary.toBytes()));
    }

    private void append(Message event) {
        byte[] data = event.toBytes();
        ByteBuffer record = ByteBuffer.allocate(data.length + 16).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(data.length);
        record.putInt(maskedChecksum(record.array(), 8)).put(data).putInt(maskedChecksum(data, data.length));
        file.write(record.flip());
    }

    private static int maskedChecksum(byte[] bytes, int length) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, 0, length);
        return Integer.rotateRight((int) checksum.getValue(), 15) + CRC_DELTA;
    }

    /** Bytes so far, all on the disk when this returns. */
    long sync() {
        return file.sync();
    }

    @Override
    public void close() {
        file.close();
    }

    /** A protocol buffer in the making. */
    private static final class Message {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Message varint(int field, long value) {
            key(field, VARINT);
            return raw(value);
        }

        Message fixed64(int field, long bits) {
            key(field, FIXED64);
            out.writeBytes(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(bits)
                    .array());
            return this;
        }

        Message fixed32(int field, int bits) {
            key(field, FIXED32);
            out.writeBytes(ByteBuffer.allocate(4)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(bits)
                    .array());
            return this;
        }

        Message bytes(int field, byte[] bytes) {
            key(field, BYTES);
            raw(bytes.length);
            out.writeBytes(bytes);
            return this;
        }

        byte[] toBytes() {
            return out.toByteArray();
        }

        private void key(int field, int wireType) {
            raw((long) field << 3 | wireType);
        }

        private Message raw(long value) {
            long rest = value;
            for (; (rest & ~0x7fL) != 0; rest >>>= 7) {
                out.write((int) (rest & 0x7f | 0x80));
            }
            out.write((int) rest);
            return this;
        }
    }
}
