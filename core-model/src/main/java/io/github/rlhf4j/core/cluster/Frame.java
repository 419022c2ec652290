package io.github.rlhf4j.core.cluster;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;

/**
 * One message between a driver and its worker process: a mark, what it is, its length, its bytes.
 *
 * @param kind what it is
 * @param body its bytes
 */
@SuppressWarnings("ArrayRecordComponent") // identity is all that is asked of it
record Frame(Kind kind, byte[] body) {
    private static final int MARK = 0x524C4834;
    private static final int MOST = 1 << 30;
    private static final byte[] NOTHING = {};

    /** What a frame is. The first five go to a worker, the others come from it. */
    enum Kind {
        HELLO,
        BLOB,
        CHUNK,
        FORGET,
        TASK,
        READY,
        ALIVE,
        PROGRESS,
        RESULT
    }

    static Frame of(Kind kind) {
        return new Frame(kind, NOTHING);
    }

    void write(DataOutputStream out) throws IOException {
        synchronized (out) {
            out.writeInt(MARK);
            out.writeByte(kind.ordinal());
            out.writeInt(body.length);
            out.write(body);
            out.flush();
        }
    }

    /**
     * Reads the next one.
     *
     * @throws IOException where there is none, or the bytes are none
     */
    static Frame read(DataInputStream in) throws IOException {
        int mark = in.readInt();
        int kind = in.readUnsignedByte();
        int length = in.readInt();
        if (mark != MARK || kind >= Kind.values().length || length < 0 || length > MOST) {
            throw new IOException("no message: something else was written where messages are");
        }
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new EOFException("a message ends too early");
        }
        return new Frame(Kind.values()[kind], body);
    }
}
