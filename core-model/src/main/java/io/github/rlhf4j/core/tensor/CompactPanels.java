package io.github.rlhf4j.core.tensor;

import java.nio.IntBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Weights (outputs, inputs) in panels of 32 outputs, in fewer bits than float32: what generation multiplies by where it is asked to read less memory. Written a group of inputs of a panel at a time.
 *
 * <p>Two neighbouring panels are a row of words of 32 bits, {@link #STEP} of the first and {@link #STEP} of the second in turn, and are read from beginning to end: a single stream of memory. In BFLOAT16 a panel's 16 are an input: word j
 * has output j in its low half and output j + 16 in its high half. In INT8 they are two inputs: word j has, from its lowest byte on, output j and output j + 16 of the first, then of the second. So whole vectors of words become whole vectors of
 * neighbours. In INT8 each output has a scale for each {@link #GROUP} inputs, a bfloat16; those of both panels follow the words of the group,
 * one step of them.
 *
 * <p>A weight of INT8 is the word, shifted so that its byte is the highest, as a whole number, times the scale: the bytes below count as a fraction of a step, which its byte was chosen for. So it is as near to the number that it
 * stands for as a rounded byte, half a step, and nothing has to be masked.
 */
public final class CompactPanels {
    /** Outputs of a panel. */
    public static final int PANEL = 32;

    /** Inputs that share a scale in INT8. */
    public static final int GROUP = 64;

    /** Words of a step through a panel. */
    public static final int STEP = 16;

    /** From step to step: the other panel's words are between. */
    public static final int STRIDE = 2 * STEP;

    /** Words beyond the last that may be read. */
    public static final int BEYOND = 2 * STRIDE;

    private static final int LARGEST = 127;
    private static final float BYTE = 0x1p-24f; // of a word

    private final WeightType type;
    private final int outputs;
    private final int inputs;
    private final IntBuffer words; // (pairs of panels, words of a pair)

    private CompactPanels(WeightType type, int outputs, int inputs, IntBuffer words) {
        this.type = type;
        this.outputs = outputs;
        this.inputs = inputs;
        this.words = words;
    }

    /** @param memory valid as long as that; null for the heap, where words are read without being copied */
    public static CompactPanels allocate(@Nullable NativeMemory memory, WeightType type, int outputs, int inputs) {
        if (!type.isCompact()) {
            throw new IllegalArgumentException("float32 weights are in tensors");
        }
        int words = Math.addExact(Math.multiplyExact(pairs(outputs), words(type, inputs)), BEYOND);
        return new CompactPanels(
                type, outputs, inputs, memory == null ? IntBuffer.allocate(words) : memory.allocateInts(words));
    }

    private static int panels(int outputs) {
        return (outputs + PANEL - 1) / PANEL;
    }

    private static int pairs(int outputs) {
        return (panels(outputs) + 1) / 2;
    }

    /** Words of some inputs of a pair of panels, in INT8 from the beginning of a group on and with its scales. */
    public static int words(WeightType type, int inputs) {
        return type == WeightType.INT8 ? wordsOfBytes(inputs) + (inputs + GROUP - 1) / GROUP * STRIDE : STRIDE * inputs;
    }

    /** Bytes of weights (outputs, inputs). */
    public static long bytes(WeightType type, int outputs, int inputs) {
        return 4L * pairs(outputs) * words(type, inputs);
    }

    public WeightType type() {
        return type;
    }

    public int outputs() {
        return outputs;
    }

    public int inputs() {
        return inputs;
    }

    public int panels() {
        return panels(outputs);
    }

    /** The words of all panels. */
    public IntBuffer words() {
        return words;
    }

    /**
     * Index of the first word of some inputs of the pair of panels that {@code panel} is in.
     *
     * @param from the first of them, in INT8 of a group
     */
    public int offset(int panel, int from) {
        return panel / 2 * words(type, inputs) + words(type, from);
    }

    /** Words of some inputs of a group of INT8 of a pair of panels, its scales not included. */
    public static int wordsOfBytes(int inputs) {
        return STRIDE * ((inputs + 1) / 2);
    }

    /** A weight as a float; slow, for tests and plain loops. */
    public float get(int output, int input) {
        int panel = output / PANEL;
        int lane = output % PANEL;
        int half = lane / STEP;
        int place = panel % 2 * STEP + lane % STEP;
        if (type == WeightType.BFLOAT16) {
            return half(words.get(offset(panel, input) + place), half);
        }
        int first = input / GROUP * GROUP;
        int at = offset(panel, first);
        int word = words.get(at + STRIDE * ((input - first) / 2) + place);
        int part = 2 * (input % 2) + half;
        int scales = words.get(at + wordsOfBytes(Math.min(GROUP, inputs - first)) + place);
        return (float) (word << 24 - 8 * part) * half(scales, half);
    }

    private static float half(int word, int half) {
        return Float.intBitsToFloat(half == 0 ? word << 16 : word & 0xFFFF0000);
    }

    /**
     * Writes a group of inputs of a panel, or the rest of them.
     *
     * @param from the first of them
     * @param values (count, 32): input after input, the weights of its outputs, zero beyond the last
     */
    public void set(int panel, int from, float[] values, int count) {
        int at = offset(panel, from);
        if (type == WeightType.BFLOAT16) {
            setHalves(values, count, at + panel % 2 * STEP);
        } else {
            setBytes(values, count, at + panel % 2 * STEP);
        }
    }

    private void setHalves(float[] values, int count, int at) {
        int[] line = new int[STEP];
        for (int k = 0; k < count; k++) {
            for (int j = 0; j < STEP; j++) {
                int low = WeightType.toBfloat16(values[k * PANEL + j]);
                line[j] = WeightType.toBfloat16(values[k * PANEL + STEP + j]) << 16 | low;
            }
            words.put(at + k * STRIDE, line);
        }
    }

    private void setBytes(float[] values, int count, int at) {
        int[] line = new int[STEP];
        float[] steps = new float[PANEL];
        for (int k = 0; k < count; k++) {
            for (int lane = 0; lane < PANEL; lane++) {
                steps[lane] = Math.max(steps[lane], Math.abs(values[k * PANEL + lane]));
            }
        }
        for (int j = 0; j < STEP; j++) {
            int low = scale(steps[j]);
            int high = scale(steps[STEP + j]);
            steps[j] = Float.intBitsToFloat(low << 16) / BYTE;
            steps[STEP + j] = Float.intBitsToFloat(high << 16) / BYTE;
            line[j] = high << 16 | low;
        }
        words.put(at + wordsOfBytes(count), line);
        for (int k = 0; k < count; k += 2) {
            Arrays.fill(line, 0);
            for (int part = 0; part < 4 && k + part / 2 < count; part++) {
                int from = (k + part / 2) * PANEL + part % 2 * STEP;
                for (int j = 0; j < STEP; j++) {
                    double below = (line[j] & 0xFFFFFFFFL) / (double) (1L << 8 * part);
                    line[j] |= nearest(values[from + j], steps[part % 2 * STEP + j], below) << 8 * part;
                }
            }
            words.put(at + k / 2 * STRIDE, line);
        }
    }

    /** The smallest bfloat16 with which bytes reach a magnitude, in the low half. */
    private static int scale(float largest) {
        return Float.floatToRawIntBits(largest / LARGEST * BYTE) + 0xFFFF >>> 16;
    }

    /**
     * The byte, computed in double; ties to even.
     *
     * @param below what the bytes below it add, a part of a step
     */
    private static int nearest(float value, float step, double below) {
        double steps = step > 0 ? (double) value / step : 0;
        return (int) Math.max(-LARGEST - 1, Math.min(LARGEST, Math.rint(steps - below))) & 0xFF;
    }

    @Override
    public String toString() {
        return "CompactPanels(" + type + ", " + outputs + " x " + inputs + ")";
    }
}
