package io.github.rlhf4j.testing.damage;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Damage to bytes that knows nothing of their form. */
final class ByteDamage {
    private ByteDamage() {}

    static byte[] damaged(byte[] whole, Draws draws) {
        if (whole.length == 0) {
            return new byte[] {(byte) draws.below(256)};
        }
        byte[] bytes = whole.clone();
        int at = draws.below(bytes.length);
        switch (draws.below(6)) {
            case 0 -> bytes[at] ^= (byte) (1 << draws.below(8));
            case 1 -> bytes[at] = (byte) draws.below(256);
            case 2 -> {
                return Arrays.copyOf(bytes, at);
            }
            case 3 -> {
                int length = Math.min(bytes.length - at, 1 + draws.below(40));
                return spliced(bytes, at, at + length, new byte[0]);
            }
            case 4 -> {
                int length = Math.min(bytes.length - at, 1 + draws.below(200));
                return spliced(bytes, draws.below(bytes.length), -1, Arrays.copyOfRange(bytes, at, at + length));
            }
            default -> {
                return spliced(bytes, at, -1, draws.of(Nasty.TEXT).getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes;
    }

    /** Bytes with others in the place of from .. to - 1; to below 0 for none. */
    static byte[] spliced(byte[] bytes, int from, int to, byte[] others) {
        int end = to < 0 ? from : to;
        byte[] result = Arrays.copyOf(bytes, from + others.length + bytes.length - end);
        System.arraycopy(others, 0, result, from, others.length);
        System.arraycopy(bytes, end, result, from + others.length, bytes.length - end);
        return result;
    }
}
