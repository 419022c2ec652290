package io.github.rlhf4j.core.gguf;

import io.github.rlhf4j.core.math.HalfFloats;
import java.nio.ByteBuffer;

/**
 * Q4_K and Q5_K: 256 numbers in 8 groups of 32, each with a scale and a shift of 6 bits, which are multiples of two
 * halves, and 4 or 5 bits a number.
 */
final class SuperBlocks implements BlockCodec {
    private static final int SIZE = 256;
    private static final int GROUPS = 8;
    private static final int GROUP = 32;

    private final int most;
    private final ScaleSearch search;
    private final int[] numbers = new int[SIZE];
    private final float[] weights = new float[GROUP];
    private final float[] scales = new float[GROUPS];
    private final float[] shifts = new float[GROUPS];
    private final byte[] packed = new byte[12];
    private final byte[] fifth = new byte[GROUP];
    private final float[] block = new float[SIZE];

    SuperBlocks(int bits) {
        most = (1 << bits) - 1;
        search = bits == 4 ? new ScaleSearch(most, -1, 20) : new ScaleSearch(most, -0.5f, 15);
    }

    private boolean hasFifth() {
        return most > 15;
    }

    @Override
    public void decode(ByteBuffer in, int blocks, float[] out) {
        for (int i = 0; i < blocks; i++) {
            float scale = HalfFloats.fromFloat16(in.getShort());
            float shift = HalfFloats.fromFloat16(in.getShort());
            in.get(packed);
            readNumbers(in);
            for (int group = 0; group < GROUPS; group++) {
                float by = scale * scaleOf(group);
                float less = shift * shiftOf(group);
                for (int j = group * GROUP; j < (group + 1) * GROUP; j++) {
                    out[i * SIZE + j] = by * numbers[j] - less;
                }
            }
        }
    }

    private void readNumbers(ByteBuffer in) {
        if (hasFifth()) {
            in.get(fifth);
        }
        for (int group = 0; group < GROUPS; group += 2) {
            for (int j = 0; j < GROUP; j++) {
                int both = in.get();
                int high = hasFifth() ? fifth[j] >>> group : 0;
                numbers[group * GROUP + j] = (both & 0xF) | (high & 1) << 4;
                numbers[(group + 1) * GROUP + j] = ((both >>> 4) & 0xF) | (high & 2) << 3;
            }
        }
    }

    private int scaleOf(int group) {
        return group < 4 ? packed[group] & 63 : (packed[group + 4] & 0xF) | ((packed[group - 4] >>> 6) & 3) << 4;
    }

    private int shiftOf(int group) {
        return group < 4
                ? packed[group + 4] & 63
                : ((packed[group + 4] >>> 4) & 0xF) | ((packed[group] >>> 6) & 3) << 4;
    }

    @Override
    public void encode(float[] in, int blocks, ByteBuffer out) {
        for (int i = 0; i < blocks; i++) {
            System.arraycopy(in, i * SIZE, block, 0, SIZE);
            encode(out);
        }
    }

    private void encode(ByteBuffer out) {
        float maxScale = 0;
        float maxShift = 0;
        for (int group = 0; group < GROUPS; group++) {
            weigh(group * GROUP);
            scales[group] = search.shifted(block, group * GROUP, GROUP, weights, numbers);
            shifts[group] = search.shift();
            maxScale = Math.max(maxScale, scales[group]);
            maxShift = Math.max(maxShift, shifts[group]);
        }
        pack(maxScale > 0 ? 63 / maxScale : 0, maxShift > 0 ? 63 / maxShift : 0);
        short scale = HalfFloats.toFloat16(maxScale / 63);
        short shift = HalfFloats.toFloat16(maxShift / 63);
        round(HalfFloats.fromFloat16(scale), HalfFloats.fromFloat16(shift));
        out.putShort(scale).putShort(shift).put(packed);
        writeNumbers(out);
    }

    private void weigh(int from) {
        float squares = 0;
        for (int j = from; j < from + GROUP; j++) {
            squares += block[j] * block[j];
        }
        float mean = (float) Math.sqrt(squares / GROUP);
        for (int j = 0; j < GROUP; j++) {
            weights[j] = mean + Math.abs(block[from + j]);
        }
    }

    /** Scales and shifts of 6 bits: four of each as they are, with the upper bits of the other four above them. */
    private void pack(float inverseScale, float inverseShift) {
        for (int group = 0; group < GROUPS; group++) {
            int scale = Math.min(63, Nearest.even(inverseScale * scales[group]) & 0xFF);
            int shift = Math.min(63, Nearest.even(inverseShift * shifts[group]) & 0xFF);
            if (group < 4) {
                packed[group] = (byte) scale;
                packed[group + 4] = (byte) shift;
            } else {
                packed[group + 4] = (byte) ((scale & 0xF) | (shift & 0xF) << 4);
                packed[group - 4] |= (byte) ((scale >>> 4) << 6);
                packed[group] |= (byte) ((shift >>> 4) << 6);
            }
        }
    }

    /** The numbers once more, by the scales as they are stored. */
    private void round(float scale, float shift) {
        for (int group = 0; group < GROUPS; group++) {
            float by = scale * scaleOf(group);
            if (by == 0) {
                continue;
            }
            float less = shift * shiftOf(group);
            for (int j = group * GROUP; j < (group + 1) * GROUP; j++) {
                numbers[j] = Nearest.even((block[j] + less) / by, 0, most);
            }
        }
    }

    private void writeNumbers(ByteBuffer out) {
        if (hasFifth()) {
            for (int j = 0; j < GROUP; j++) {
                int bits = 0;
                for (int group = 0; group < GROUPS; group++) {
                    bits |= (numbers[group * GROUP + j] >>> 4) << group;
                }
                out.put((byte) bits);
            }
        }
        for (int group = 0; group < GROUPS; group += 2) {
            for (int j = 0; j < GROUP; j++) {
                int low = numbers[group * GROUP + j] & 0xF;
                out.put((byte) (low | (numbers[(group + 1) * GROUP + j] & 0xF) << 4));
            }
        }
    }
}
