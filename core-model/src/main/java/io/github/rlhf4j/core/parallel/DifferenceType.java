package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.math.HalfFloats;
import java.nio.ByteBuffer;

/**
 * How a replica's difference travels, {@code difference = weights at the start of the round - weights at its end}. What rounding takes away is kept by the replica and added to its next difference (error feedback: Seide et al. 2014; Karimireddy et
 * al. 2019, arXiv:1901.09847).
 */
public enum DifferenceType {
    /** The weights at the end of the round themselves: nothing is lost. */
    FLOAT32 {
        @Override
        int bytes(int count) {
            return Float.BYTES * count;
        }

        @Override
        void write(float[] start, float[] end, float[] residual, int count, ByteBuffer out) {
            for (int i = 0; i < count; i++) {
                out.putFloat(end[i]);
            }
        }

        @Override
        void addTo(double[] sum, float[] start, int count, ByteBuffer in) {
            for (int i = 0; i < count; i++) {
                sum[i] += (double) start[i] - in.getFloat();
            }
        }
    },
    /** The nearest bfloat16, ties to even. */
    BFLOAT16 {
        @Override
        int bytes(int count) {
            return Short.BYTES * count;
        }

        @Override
        void write(float[] start, float[] end, float[] residual, int count, ByteBuffer out) {
            for (int i = 0; i < count; i++) {
                double difference = (double) start[i] - end[i] + residual[i];
                short rounded = HalfFloats.toBfloat16((float) difference);
                out.putShort(rounded);
                residual[i] = (float) (difference - HalfFloats.fromBfloat16(rounded));
            }
        }

        @Override
        void addTo(double[] sum, float[] start, int count, ByteBuffer in) {
            for (int i = 0; i < count; i++) {
                sum[i] += HalfFloats.fromBfloat16(in.getShort());
            }
        }
    },
    /** Blocks of 256 numbers: their largest magnitude / 127 as a float32, then a byte each. */
    INT8 {
        @Override
        int bytes(int count) {
            return count + Float.BYTES * ((count + BLOCK - 1) / BLOCK);
        }

        @Override
        void write(float[] start, float[] end, float[] residual, int count, ByteBuffer out) {
            for (int from = 0; from < count; from += BLOCK) {
                int to = Math.min(from + BLOCK, count);
                double largest = 0;
                for (int i = from; i < to; i++) {
                    largest = Math.max(largest, Math.abs((double) start[i] - end[i] + residual[i]));
                }
                float scale = (float) (largest / LARGEST);
                out.putFloat(scale);
                for (int i = from; i < to; i++) {
                    double difference = (double) start[i] - end[i] + residual[i];
                    double steps = scale == 0 ? 0 : Math.rint(difference / scale);
                    byte rounded = (byte) Math.max(-LARGEST, Math.min(LARGEST, steps));
                    out.put(rounded);
                    residual[i] = (float) (difference - (double) scale * rounded);
                }
            }
        }

        @Override
        void addTo(double[] sum, float[] start, int count, ByteBuffer in) {
            for (int from = 0; from < count; from += BLOCK) {
                double scale = in.getFloat();
                for (int i = from; i < Math.min(from + BLOCK, count); i++) {
                    sum[i] += scale * in.get();
                }
            }
        }
    };

    private static final int BLOCK = 256;
    private static final int LARGEST = 127;

    /** Bytes of so many numbers that lie in one piece. */
    abstract int bytes(int count);

    /**
     * Writes a piece.
     *
     * @param start weights at the start of the round
     * @param end weights at its end
     * @param residual what earlier rounds have lost, replaced by what is lost after this one
     */
    abstract void write(float[] start, float[] end, float[] residual, int count, ByteBuffer out);

    /** Adds a piece of differences, as it was written, to a sum. */
    abstract void addTo(double[] sum, float[] start, int count, ByteBuffer in);

    /** Whether something is lost, so that there is a residual. */
    boolean isLossy() {
        return this != FLOAT32;
    }
}
