package io.github.rlhf4j.core.tensor;

import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/**
 * A matrix of frozen weights in fewer bits than float32, or a view of some of another's rows. It is written row by row when a model is read, and not changed afterwards.
 *
 * <p>A row is cut into runs of 16 words of 32 bits. In BFLOAT16, word j of a run has element j of 32 in its low half and element j + 16 in its high half. In INT8, word j has elements j, j + 16, j + 32 and j + 48
 * of 64, the first in its lowest byte, and each run has a scale: an element is its byte times that. So whole vectors of words become whole vectors of neighbours.
 *
 * <p>INT8 is symmetric by run of 64, not by row: a single large weight then costs its 63 neighbours precision, not the row.
 */
public final class CompactMatrix {
    /** Words of a run. */
    public static final int RUN = 16;

    private static final int LARGEST = 127;

    private final WeightType type;
    private final int firstRow;
    private final int rows;
    private final int columns;
    private final IntBuffer words; // (all rows, words)
    private final FloatBuffer scales; // (all rows, runs), none but for INT8

    private CompactMatrix(WeightType type, int firstRow, int rows, int columns, IntBuffer words, FloatBuffer scales) {
        this.type = type;
        this.firstRow = firstRow;
        this.rows = rows;
        this.columns = columns;
        this.words = words;
        this.scales = scales;
    }

    /** A matrix in that memory, contents undefined; it is valid as long as the memory is. */
    public static CompactMatrix allocate(NativeMemory memory, WeightType type, int rows, int columns) {
        if (!type.isCompact()) {
            throw new IllegalArgumentException("float32 weights are in tensors");
        }
        return new CompactMatrix(
                type,
                0,
                rows,
                columns,
                memory.allocateInts(Math.multiplyExact(rows, words(type, columns))),
                memory.allocateFloats(Math.multiplyExact(rows, scales(type, columns))));
    }

    static int words(WeightType type, int columns) {
        int ofRun = elementsOfRun(type);
        return (columns + ofRun - 1) / ofRun * RUN;
    }

    static int scales(WeightType type, int columns) {
        return type == WeightType.INT8 ? words(type, columns) / RUN : 0;
    }

    public WeightType type() {
        return type;
    }

    public int rows() {
        return rows;
    }

    public int columns() {
        return columns;
    }

    /** Elements, rows x columns. */
    public long size() {
        return (long) rows * columns;
    }

    /** The words of all rows, for absolute bulk get. */
    public IntBuffer words() {
        return words;
    }

    /** Words of a row, whole runs. */
    public int wordsOfRow() {
        return words(type, columns);
    }

    /** Index of a row's first word. */
    public int wordOffset(int row) {
        return (firstRow + row) * wordsOfRow();
    }

    /** A scale for each run of INT8, for absolute bulk get. */
    public FloatBuffer scales() {
        return scales;
    }

    /** Scales of a row. */
    public int scalesOfRow() {
        return scales(type, columns);
    }

    /** Index of a row's first scale. */
    public int scaleOffset(int row) {
        return (firstRow + row) * scalesOfRow();
    }

    /** Elements of a run. */
    public int elementsOfRun() {
        return elementsOfRun(type);
    }

    private static int elementsOfRun(WeightType type) {
        return RUN * (type == WeightType.INT8 ? 4 : 2);
    }

    /** A view of rows {@code from .. to - 1}. */
    public CompactMatrix rows(int from, int to) {
        if (from < 0 || to < from || to > rows) {
            throw new IndexOutOfBoundsException("rows " + from + " .. " + to + " of " + rows);
        }
        return new CompactMatrix(type, firstRow + from, to - from, columns, words, scales);
    }

    /** Element (row, column) as a float; slow, for tests and plain loops. */
    public float get(int row, int column) {
        int run = column / elementsOfRun();
        int place = column % elementsOfRun();
        int word = words.get(wordOffset(row) + run * RUN + place % RUN);
        int part = place / RUN;
        return type == WeightType.INT8
                ? (byte) (word >> 8 * part) * scales.get(scaleOffset(row) + run)
                : Float.intBitsToFloat(part == 0 ? word << 16 : word & 0xFFFF0000);
    }

    /**
     * Writes a row.
     *
     * @param values its elements from {@code at} on
     */
    public void set(int row, float[] values, int at) {
        for (int run = 0; run * elementsOfRun() < columns; run++) {
            int first = run * elementsOfRun();
            int count = Math.min(elementsOfRun(), columns - first);
            if (type == WeightType.INT8) {
                setBytes(wordOffset(row) + run * RUN, scaleOffset(row) + run, values, at + first, count);
            } else {
                setHalves(wordOffset(row) + run * RUN, values, at + first, count);
            }
        }
    }

    private void setHalves(int word, float[] values, int at, int count) {
        for (int j = 0; j < RUN; j++) {
            int low = j < count ? WeightType.toBfloat16(values[at + j]) : 0;
            int high = j + RUN < count ? WeightType.toBfloat16(values[at + j + RUN]) : 0;
            words.put(word + j, high << 16 | low);
        }
    }

    private void setBytes(int word, int scale, float[] values, int at, int count) {
        float largest = 0;
        for (int i = 0; i < count; i++) {
            largest = Math.max(largest, Math.abs(values[at + i]));
        }
        float step = largest / LARGEST;
        scales.put(scale, step);
        for (int j = 0; j < RUN; j++) {
            int packed = 0;
            for (int part = 0; part < 4; part++) {
                int i = j + part * RUN;
                int nearest = i < count && step > 0 ? nearest(values[at + i], step) : 0;
                packed |= (nearest & 0xFF) << 8 * part;
            }
            words.put(word + j, packed);
        }
    }

    /** Ties to even; computed in double, so that 127 steps are reached and not passed. */
    private static int nearest(float value, float step) {
        return (int) Math.max(-LARGEST, Math.min(LARGEST, Math.rint((double) value / step)));
    }

    /** Takes another matrix's elements, of the same form and size. */
    public void copyFrom(CompactMatrix other) {
        if (other.type != type || other.rows != rows || other.columns != columns) {
            throw new IllegalArgumentException(other + " into " + this);
        }
        words.put(wordOffset(0), other.words, other.wordOffset(0), rows * wordsOfRow());
        scales.put(scaleOffset(0), other.scales, other.scaleOffset(0), rows * scalesOfRow());
    }

    @Override
    public String toString() {
        return "CompactMatrix(" + type + ", " + rows + " x " + columns + ")";
    }
}
