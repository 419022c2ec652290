package io.github.rlhf4j.core.tokenizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.BitSet;
import java.util.Deque;

/**
 * A precompiled map of characters as SentencePiece writes it: the size of a double array in bytes, the array (Darts-clone: four bytes a unit), then the texts that its leaves point into,
 * each ended by a zero byte. The native library follows it without a look at where it leads.
 */
final class CharacterMap {
    private final int[] units;
    private final byte[] texts;

    private CharacterMap(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.length < Integer.BYTES) {
            throw new IllegalArgumentException("it has " + bytes.length + " bytes");
        }
        long size = Integer.toUnsignedLong(buffer.getInt()) / Integer.BYTES;
        if (size == 0 || size > buffer.remaining() / Integer.BYTES) {
            throw new IllegalArgumentException("it cannot have " + size + " units");
        }
        units = new int[(int) size];
        buffer.asIntBuffer().get(units);
        texts = new byte[buffer.remaining() - (int) size * Integer.BYTES];
        buffer.position(buffer.position() + (int) size * Integer.BYTES).get(texts);
    }

    /** @throws IllegalArgumentException when it is no such map, or leads outside of itself */
    static void check(String base64) {
        CharacterMap map = new CharacterMap(Base64.getDecoder().decode(base64));
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(map.texts));
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("its texts are not UTF-8", e);
        }
        map.follow();
    }

    /** Goes to every unit that a text can lead to. */
    private void follow() {
        BitSet seen = new BitSet(units.length);
        Deque<Integer> open = new ArrayDeque<>();
        open.add(offset(units[0]));
        while (!open.isEmpty()) {
            int node = open.pop();
            for (int c = 1; c < 256; c++) {
                int unit = at(node ^ c);
                if ((unit & 0x800000FF) != c || seen.get(node ^ c)) {
                    continue;
                }
                seen.set(node ^ c);
                int next = (node ^ c) ^ offset(unit);
                if ((unit & 0x100) != 0) { // a text may end here
                    requireText(at(next) & 0x7FFFFFFF);
                }
                open.push(next);
            }
        }
    }

    private int at(int unit) {
        if (unit < 0 || unit >= units.length) {
            throw new IllegalArgumentException("it leads to unit " + unit + " of " + units.length);
        }
        return units[unit];
    }

    private void requireText(int start) {
        if (start > texts.length || (start < texts.length && (texts[start] & 0xC0) == 0x80)) {
            throw new IllegalArgumentException("it leads to text " + start + " of " + texts.length);
        }
    }

    private static int offset(int unit) {
        return (unit >>> 10) << ((unit & 0x200) >>> 6);
    }
}
