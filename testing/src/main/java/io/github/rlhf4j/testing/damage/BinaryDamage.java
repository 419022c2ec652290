package io.github.rlhf4j.testing.damage;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Damage to files of numbers and lengths: most of it near their beginning and end, where headers and footers are. */
final class BinaryDamage {
    private static final int HEADER_BYTES = 2_000;

    private BinaryDamage() {}

    static byte[] damaged(byte[] whole, Draws draws) {
        if (draws.below(3) == 0) {
            return ByteDamage.damaged(whole, draws);
        }
        byte[] bytes = whole.clone();
        int changes = 1 + draws.below(2);
        for (int i = 0; i < changes; i++) {
            int width = draws.of(java.util.List.of(1, 2, 4, 8));
            int near = Math.min(bytes.length - width, draws.below(2) == 0 ? 64 : HEADER_BYTES);
            int at = draws.below(Math.max(1, near));
            if (draws.below(4) == 0) {
                at = bytes.length - width - at;
            }
            byte[] number = ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(draws.of(Nasty.NUMBERS))
                    .array();
            System.arraycopy(number, 0, bytes, Math.max(0, at), Math.min(width, bytes.length));
        }
        return bytes;
    }
}
