package io.github.rlhf4j.core.tensor;

import java.nio.IntBuffer;
import java.util.Arrays;
import org.bytedeco.javacpp.IntPointer;
import org.jspecify.annotations.Nullable;

/**
 * Weights (outputs, inputs) in panels of 64 outputs, in fewer bits than float32: what generation multiplies by where it is asked to read less memory. Written a group of inputs of a panel at a time.
 *
 * <p>In BFLOAT16, inputs are cut into chunks, as even as they can be, of at most 512. A chunk of all panels, one after the other, is read from beginning to end: a single stream of memory. Inputs are filled up with zeros to whole {@link #GROUP}s.
 * A step of 64 words is two inputs, word j output j's, the first input in the high half. So a chunk is what oneDNN calls BA16a64b2a with neighbouring inputs swapped: VDPBF16PS, which adds the high half's product first,
 * adds inputs in their order.
 *
 * <p>In INT8 a chunk is all inputs. A step of 32 words is two inputs of the panel's first 32 outputs, in 16 words, then of its others: word j has, from its lowest byte on, output j and output j + 16 of the first input, then of the second. So whole
 * vectors of words become whole vectors of neighbours. Each output has a scale for each {@link #GROUP} inputs, a bfloat16; those of the panel follow the words of the group, one step of them.
 *
 * <p>A weight of INT8 is the word, shifted so that its byte is the highest, as a whole number, times the scale: the bytes below count as a fraction of a step, which its byte was chosen for. So it is as near to the number that it
 * stands for as a rounded byte, half a step, and nothing has to be masked.
 */
public final class CompactPanels {
    /** Outputs of a panel. */
    public static final int PANEL = 64;

    /** Inputs that share a scale in INT8. */
    public static final int GROUP = 64;

    /** Words of a step of INT8. */
    public static final int LINE = PANEL / 2;

    /** Inputs of the longest chunk of BFLOAT16. */
    public static final int LONGEST_CHUNK = 512;

    /** Words beyond the last that may be read. */
    public static final int BEYOND = 2 * LINE;

    private static final int HALF = LINE / 2;
    private static final int LARGEST = 127;
    private static final float BYTE = 0x1p-24f; // of a word

    private final WeightType type;
    private final int outputs;
    private final int inputs;
    private final IntBuffer words; // (chunks, panels, words of a chunk of a panel)
    private final int chunk;
    private final long address; // of the words; 0 on the heap

    private CompactPanels(WeightType type, int outputs, int inputs, IntBuffer words) {
        this.type = type;
        this.outputs = outputs;
        this.inputs = inputs;
        this.words = words;
        chunk = chunk(type, inputs);
        address = words.isDirect() ? new IntPointer(words).address() : 0;
    }

    /** @param memory valid as long as that, read by address; null for the heap, where the loops of Java read words without copying them */
    public static CompactPanels allocate(@Nullable NativeMemory memory, WeightType type, int outputs, int inputs) {
        if (!type.isCompact()) {
            throw new IllegalArgumentException("float32 weights are in tensors");
        }
        int words = Math.addExact(Math.toIntExact(bytes(type, outputs, inputs) / 4), BEYOND);
        return new CompactPanels(
                type, outputs, inputs, memory == null ? IntBuffer.allocate(words) : memory.allocateInts(words));
    }

    private static int panels(int outputs) {
        return (outputs + PANEL - 1) / PANEL;
    }

    private static int groups(int inputs) {
        return (inputs + GROUP - 1) / GROUP;
    }

    private static int chunk(WeightType type, int inputs) {
        if (type == WeightType.INT8) {
            return inputs;
        }
        int chunks = (inputs + LONGEST_CHUNK - 1) / LONGEST_CHUNK;
        return groups((inputs + chunks - 1) / chunks) * GROUP;
    }

    /** Words of so many inputs of a panel, from the beginning of a chunk, and in INT8 of a group, with its scales. */
    public static int words(WeightType type, int inputs) {
        return type == WeightType.INT8
                ? wordsOfBytes(inputs) + groups(inputs) * LINE
                : groups(inputs) * GROUP / 2 * PANEL;
    }

    /** Words of some inputs of a group of INT8 of a panel, its scales not included. */
    public static int wordsOfBytes(int inputs) {
        return LINE * ((inputs + 1) / 2);
    }

    /** Bytes of weights (outputs, inputs). */
    public static long bytes(WeightType type, int outputs, int inputs) {
        int chunk = chunk(type, inputs);
        long ofPanel = (long) (inputs / chunk) * words(type, chunk) + words(type, inputs % chunk);
        return 4L * panels(outputs) * ofPanel;
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

    /** Whether they are in native memory, at {@link #address}. */
    public boolean isNative() {
        return words.isDirect();
    }

    /** Address of a word in native memory. */
    public long address(int word) {
        if (!isNative()) {
            throw new IllegalStateException("panels on the heap have no address");
        }
        return address + 4L * word;
    }

    /** From the beginning of a chunk to that of the next. */
    public int chunk() {
        return chunk;
    }

    /** Inputs of the chunk that begins with input {@code from}: fewer in the last. */
    public int inputsOfChunk(int from) {
        return Math.min(chunk, inputs - from);
    }

    /**
     * Index of the first word of a chunk of a panel.
     *
     * @param from the input that begins the chunk
     */
    public int offset(int panel, int from) {
        return from / chunk * panels() * words(type, chunk) + panel * words(type, inputsOfChunk(from));
    }

    /** A weight as a float; slow, for tests and plain loops. */
    public float get(int output, int input) {
        int lane = output % PANEL;
        int first = input / chunk * chunk;
        int at = offset(output / PANEL, first);
        int place = input - first;
        if (type == WeightType.BFLOAT16) {
            int word = words.get(at + place / 2 * PANEL + lane);
            return Float.intBitsToFloat(place % 2 == 0 ? word & 0xFFFF0000 : word << 16);
        }
        int group = place / GROUP * GROUP;
        int step = lane / LINE * HALF + lane % HALF;
        int half = lane % LINE / HALF;
        int word = words.get(at + words(type, group) + LINE * ((place - group) / 2) + step);
        int scales = words.get(at + words(type, group) + wordsOfBytes(Math.min(GROUP, inputs - group)) + step);
        return (float) (word << 24 - 8 * (2 * (place % 2) + half)) * half(scales, half);
    }

    private static float half(int word, int half) {
        return Float.intBitsToFloat(half == 0 ? word << 16 : word & 0xFFFF0000);
    }

    /**
     * Writes a group of inputs of a panel, or the rest of them, which is filled up with zeros.
     *
     * @param from the first of them, a multiple of {@link #GROUP}
     * @param values (count, 64): input after input, the weights of its outputs, zero beyond the last
     */
    public void set(int panel, int from, float[] values, int count) {
        int first = from / chunk * chunk;
        int at = offset(panel, first);
        if (type == WeightType.BFLOAT16) {
            setHalves(values, count, at + (from - first) / 2 * PANEL);
        } else {
            setBytes(values, count, at + words(type, from), 0);
            setBytes(values, count, at + words(type, from) + HALF, LINE);
        }
    }

    private void setHalves(float[] values, int count, int at) {
        int[] step = new int[PANEL];
        for (int k = 0; k < GROUP; k += 2) {
            for (int lane = 0; lane < PANEL; lane++) {
                int high = k < count ? WeightType.toBfloat16(values[k * PANEL + lane]) : 0;
                int low = k + 1 < count ? WeightType.toBfloat16(values[(k + 1) * PANEL + lane]) : 0;
                step[lane] = high << 16 | low;
            }
            words.put(at + k / 2 * PANEL, step);
        }
    }

    private void setBytes(float[] values, int count, int at, int firstLane) {
        int[] line = new int[HALF];
        float[] steps = new float[LINE];
        for (int k = 0; k < count; k++) {
            for (int lane = 0; lane < LINE; lane++) {
                steps[lane] = Math.max(steps[lane], Math.abs(values[k * PANEL + firstLane + lane]));
            }
        }
        for (int j = 0; j < HALF; j++) {
            int low = scale(steps[j]);
            int high = scale(steps[HALF + j]);
            steps[j] = Float.intBitsToFloat(low << 16) / BYTE;
            steps[HALF + j] = Float.intBitsToFloat(high << 16) / BYTE;
            line[j] = high << 16 | low;
        }
        words.put(at + wordsOfBytes(count), line);
        for (int k = 0; k < count; k += 2) {
            Arrays.fill(line, 0);
            for (int part = 0; part < 4 && k + part / 2 < count; part++) {
                int from = (k + part / 2) * PANEL + firstLane + part % 2 * HALF;
                for (int j = 0; j < HALF; j++) {
                    double below = (line[j] & 0xFFFFFFFFL) / (double) (1L << 8 * part);
                    line[j] |= nearest(values[from + j], steps[part % 2 * HALF + j], below) << 8 * part;
                }
            }
            words.put(at + k / 2 * LINE, line);
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
