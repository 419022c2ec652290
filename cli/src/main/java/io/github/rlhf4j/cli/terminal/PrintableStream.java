package io.github.rlhf4j.cli.terminal;

import io.github.rlhf4j.core.Printable;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** UTF-8 for a terminal, in which {@link Printable}'s control characters are escaped; line feeds and tabs stay. */
final class PrintableStream extends FilterOutputStream {
    private static final int FIRST_OF_LATIN_1 = 0xC2; // begins U+0080 to U+00BF
    private static final int LAST_CONTROL = 0x9F;

    private boolean isPending; // a FIRST_OF_LATIN_1 is not written yet

    private PrintableStream(OutputStream out) {
        super(out);
    }

    /** What prints to {@code out} what may be shown. */
    static PrintStream to(PrintStream out) {
        return new PrintStream(new PrintableStream(out), false, StandardCharsets.UTF_8);
    }

    @Override
    public void write(int value) throws IOException {
        int b = value & 0xFF;
        if (isPending) {
            isPending = false;
            if (b >= 0x80 && b <= LAST_CONTROL) {
                escape(b);
                return;
            }
            out.write(FIRST_OF_LATIN_1);
        }
        if (b == FIRST_OF_LATIN_1) {
            isPending = true;
        } else if (b < 0x80 && Printable.isControl(b) && b != '\n' && b != '\t') {
            escape(b);
        } else {
            out.write(b);
        }
    }

    private void escape(int c) throws IOException {
        out.write(Printable.escape(c).getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        for (int i = offset; i < offset + length; i++) {
            write(bytes[i]);
        }
    }
}
