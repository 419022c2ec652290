package io.github.rlhf4j.core.grammar;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;

/** A set of Unicode's characters, never of halves of surrogate pairs. */
final class CodePoints {
    static final int MAX = Character.MAX_CODE_POINT;
    static final CodePoints ALL = of(0, MAX);
    static final CodePoints NONE = new CodePoints(new int[0]);

    private final int[] ranges; // first, last, first, last, ...: sorted, apart

    private CodePoints(int[] ranges) {
        this.ranges = ranges;
    }

    static CodePoints of(int first, int last) {
        return normal(List.of(new int[] {first, last}));
    }

    static CodePoints of(int single) {
        return of(single, single);
    }

    /** Characters of a text, as a set. */
    static CodePoints of(String characters) {
        return normal(characters.codePoints().mapToObj(c -> new int[] {c, c}).toList());
    }

    static CodePoints where(IntPredicate predicate) {
        List<int[]> found = new ArrayList<>();
        int first = -1;
        for (int c = 0; c <= MAX + 1; c++) {
            boolean isIn = c <= MAX && predicate.test(c);
            if (isIn && first < 0) {
                first = c;
            } else if (!isIn && first >= 0) {
                found.add(new int[] {first, c - 1});
                first = -1;
            }
        }
        return normal(found);
    }

    private static CodePoints normal(List<int[]> given) {
        List<int[]> whole = new ArrayList<>();
        for (int[] range : given) { // without surrogates
            addIfAny(whole, range[0], Math.min(range[1], Character.MIN_SURROGATE - 1));
            addIfAny(whole, Math.max(range[0], Character.MAX_SURROGATE + 1), range[1]);
        }
        whole.sort(Comparator.comparingInt(range -> range[0]));
        int[] merged = new int[2 * whole.size()];
        int count = 0;
        for (int[] range : whole) {
            if (count > 0 && range[0] <= merged[count - 1] + 1) {
                merged[count - 1] = Math.max(merged[count - 1], range[1]);
            } else {
                merged[count++] = range[0];
                merged[count++] = range[1];
            }
        }
        return new CodePoints(Arrays.copyOf(merged, count));
    }

    private static void addIfAny(List<int[]> to, int first, int last) {
        if (first <= last) {
            to.add(new int[] {first, last});
        }
    }

    private List<int[]> list() {
        List<int[]> list = new ArrayList<>();
        for (int i = 0; i < ranges.length; i += 2) {
            list.add(new int[] {ranges[i], ranges[i + 1]});
        }
        return list;
    }

    CodePoints or(CodePoints other) {
        List<int[]> both = list();
        both.addAll(other.list());
        return normal(both);
    }

    CodePoints not() {
        List<int[]> rest = new ArrayList<>();
        int next = 0;
        for (int i = 0; i < ranges.length; i += 2) {
            addIfAny(rest, next, ranges[i] - 1);
            next = ranges[i + 1] + 1;
        }
        addIfAny(rest, next, MAX);
        return normal(rest);
    }

    CodePoints and(CodePoints other) {
        return not().or(other.not()).not();
    }

    boolean containsAll(CodePoints other) {
        return other.and(not()).isEmpty();
    }

    boolean isEmpty() {
        return ranges.length == 0;
    }

    boolean contains(int c) {
        for (int i = 0; i < ranges.length; i += 2) {
            if (c >= ranges[i] && c <= ranges[i + 1]) {
                return true;
            }
        }
        return false;
    }

    /** How many ranges there are. */
    int count() {
        return ranges.length / 2;
    }

    int first(int range) {
        return ranges[2 * range];
    }

    int last(int range) {
        return ranges[2 * range + 1];
    }

    /** The ranges, so that equal sets have equal names. */
    @Override
    public String toString() {
        return Arrays.toString(ranges);
    }
}
