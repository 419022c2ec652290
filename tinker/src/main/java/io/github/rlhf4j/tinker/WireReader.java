package io.github.rlhf4j.tinker;

import io.github.rlhf4j.server.HttpFailure;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Reads a protocol buffer, field by field. Whatever the bytes are, it reads within them or refuses. */
final class WireReader {
    private final ByteBuffer in;
    private int field;
    private int type;

    WireReader(byte[] bytes) {
        this(ByteBuffer.wrap(bytes));
    }

    private WireReader(ByteBuffer in) {
        this.in = in.slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Goes to the next field; false at the end. */
    boolean next() {
        if (!in.hasRemaining()) {
            return false;
        }
        long key = raw();
        if (key >>> 3 == 0 || key >>> 3 > Integer.MAX_VALUE) {
            throw broken();
        }
        field = (int) (key >>> 3);
        type = (int) (key & 7);
        return true;
    }

    int field() {
        return field;
    }

    long varint() {
        require(0);
        return raw();
    }

    double number() {
        require(1);
        return in.getDouble(advance(Double.BYTES));
    }

    String text() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    WireReader message() {
        return new WireReader(part());
    }

    byte[] bytes() {
        ByteBuffer part = part();
        byte[] bytes = new byte[part.remaining()];
        part.get(bytes);
        return bytes;
    }

    /** Numbers that are packed, or a single one. */
    long[] varints() {
        if (type == 0) {
            return new long[] {raw()};
        }
        WireReader packed = new WireReader(part());
        long[] values = new long[packed.in.remaining()];
        int count = 0;
        while (packed.in.hasRemaining()) {
            values[count++] = packed.raw();
        }
        return java.util.Arrays.copyOf(values, count);
    }

    void skip() {
        switch (type) {
            case 0 -> raw();
            case 1 -> advance(Long.BYTES);
            case 2 -> part();
            case 5 -> advance(Integer.BYTES);
            default -> throw broken();
        }
    }

    private ByteBuffer part() {
        require(2);
        long length = raw();
        if (length < 0 || length > in.remaining()) {
            throw broken();
        }
        int from = advance((int) length);
        return in.duplicate().position(from).limit(from + (int) length).slice();
    }

    private int advance(int bytes) {
        if (bytes > in.remaining()) {
            throw broken();
        }
        int from = in.position();
        in.position(from + bytes);
        return from;
    }

    private long raw() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte next = in.get(advance(1));
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw broken();
    }

    private void require(int wanted) {
        if (type != wanted) {
            throw broken();
        }
    }

    private static HttpFailure broken() {
        return new HttpFailure(400, "the body is no protocol buffer of the Tinker SDK 0.38");
    }
}
