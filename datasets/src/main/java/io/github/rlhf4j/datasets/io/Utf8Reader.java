package io.github.rlhf4j.datasets.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;

/** The characters of a UTF-8 stream. What is no UTF-8 is an error where it is: all characters before it are read first. */
final class Utf8Reader extends Reader {
    static final int END = -1;

    private static final int BUFFER = 1 << 14;

    private final InputStream input;
    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    private final ByteBuffer bytes = ByteBuffer.allocate(BUFFER).limit(0);
    private final CharBuffer chars = CharBuffer.allocate(BUFFER).limit(0);
    private boolean isDamaged;
    private boolean isEnded;

    Utf8Reader(InputStream input) {
        this.input = input;
    }

    /**
     * The next character, or {@link #END}.
     *
     * @throws CharacterCodingException when what follows is no UTF-8
     */
    @Override
    public int read() throws IOException {
        while (!chars.hasRemaining()) {
            if (isDamaged) {
                throw new MalformedInputException(1);
            }
            if (isEnded) {
                return END;
            }
            fill();
        }
        return chars.get();
    }

    @Override
    public int read(char[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        int first = read();
        if (first == END) {
            return END;
        }
        into[offset] = (char) first;
        int more = Math.min(length - 1, chars.remaining());
        chars.get(into, offset + 1, more);
        return 1 + more;
    }

    private void fill() throws IOException {
        bytes.compact();
        int count = input.read(bytes.array(), bytes.position(), bytes.remaining());
        isEnded = count < 0;
        bytes.position(bytes.position() + Math.max(0, count)).flip();
        chars.clear();
        CoderResult result = decoder.decode(bytes, chars, isEnded);
        isDamaged = result.isError();
        chars.flip();
    }

    @Override
    public void close() throws IOException {
        input.close();
    }
}
