package io.github.rlhf4j.core.stage;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * A TensorBoard event file that is appended to; each event is written at once.
 *
 * <p>Records are TFRecords (length, its checksum, bytes, their checksum), the bytes a protocol buffer {@code tensorflow.Event}. Source: tensorflow/core/util/event.proto, framework/summary.proto and
 * tensor.proto, lib/io/record_writer.h.
 */
public final class EventFile implements AutoCloseable {
    private static final int CRC_DELTA = 0xa282ead8; // of TFRecord's masked checksums
    private static final int DT_STRING = 7;
    private static final int BINS = 30;

    private final AppendedFile file;

    private EventFile(AppendedFile file) {
        this.file = file;
    }

    /**
     * Opens a file for appending, keeping its first {@code length} bytes.
     *
     * @param wallSeconds since 1970, of the first event of a new file
     */
    public static EventFile open(Path file, long length, double wallSeconds) {
        EventFile events = new EventFile(AppendedFile.open(file, length));
        if (events.file.length() == 0) {
            events.append(new ProtocolBuffer().number(1, wallSeconds).text(3, "brain.Event:2"));
        }
        return events;
    }

    /** Appends the scalars of a step. */
    public void write(double wallSeconds, long step, Map<String, Double> values) {
        ProtocolBuffer summary = new ProtocolBuffer();
        values.forEach((tag, value) -> summary.bytes(
                1,
                new ProtocolBuffer()
                        .text(1, tag)
                        .fixed32(2, Float.floatToIntBits(value.floatValue()))
                        .toBytes()));
        append(wallSeconds, step, summary);
    }

    /** Appends a text of a step, which TensorBoard reads as Markdown. */
    public void text(double wallSeconds, long step, String tag, String markdown) {
        ProtocolBuffer plugin = new ProtocolBuffer().text(1, "text");
        ProtocolBuffer dimension = new ProtocolBuffer().varint(1, 1);
        ProtocolBuffer tensor = new ProtocolBuffer()
                .varint(1, DT_STRING)
                .bytes(2, new ProtocolBuffer().bytes(2, dimension.toBytes()).toBytes())
                .text(8, markdown);
        ProtocolBuffer value = new ProtocolBuffer()
                .text(1, tag)
                .bytes(8, tensor.toBytes())
                .bytes(9, new ProtocolBuffer().bytes(1, plugin.toBytes()).toBytes());
        append(wallSeconds, step, new ProtocolBuffer().bytes(1, value.toBytes()));
    }

    /** Appends a histogram of finite numbers of a step, at least one, in bins of equal width. */
    public void histogram(double wallSeconds, long step, String tag, double[] numbers) {
        double least = Arrays.stream(numbers).min().orElseThrow();
        double greatest = Arrays.stream(numbers).max().orElseThrow();
        int bins = greatest > least ? BINS : 1;
        double[] limits = new double[bins];
        double[] counts = new double[bins];
        for (int i = 0; i < bins; i++) {
            limits[i] = i == bins - 1 ? greatest : least + (greatest - least) * (i + 1) / bins;
        }
        for (double number : numbers) {
            int bin = greatest > least ? (int) ((number - least) / (greatest - least) * bins) : 0;
            counts[Math.min(bin, bins - 1)]++;
        }
        ProtocolBuffer histogram = new ProtocolBuffer()
                .number(1, least)
                .number(2, greatest)
                .number(3, numbers.length)
                .number(4, Arrays.stream(numbers).sum())
                .number(5, Arrays.stream(numbers).map(number -> number * number).sum())
                .numbers(6, limits)
                .numbers(7, counts);
        ProtocolBuffer value = new ProtocolBuffer().text(1, tag).bytes(5, histogram.toBytes());
        append(wallSeconds, step, new ProtocolBuffer().bytes(1, value.toBytes()));
    }

    private void append(double wallSeconds, long step, ProtocolBuffer summary) {
        append(new ProtocolBuffer().number(1, wallSeconds).varint(2, step).bytes(5, summary.toBytes()));
    }

    private void append(ProtocolBuffer event) {
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
    public long sync() {
        return file.sync();
    }

    @Override
    public void close() {
        file.close();
    }
}
