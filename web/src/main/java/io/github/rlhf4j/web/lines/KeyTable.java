package io.github.rlhf4j.web.lines;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The keys of a file's lines, numbered from 0 as they come, looked up by their bytes. */
public final class KeyTable {
    /** The parent of the outermost keys. */
    static final int ROOT = -1;

    /** Of what nobody wants to hear. */
    static final int PASSED_OVER = -2;

    private static final int MOST = 10_000; // a file with more is none of ours; further keys are passed over

    private final List<Key> keys = new ArrayList<>();
    private int[] slots = filled(64); // a power of two; -1: free

    private record Key(int parent, byte[] bytes, String name) {}

    private static int[] filled(int size) {
        int[] slots = new int[size];
        Arrays.fill(slots, -1);
        return slots;
    }

    /** The number of the key {@code bytes[from..to)} in the object that is the value of {@code parent}. */
    int number(int parent, byte[] bytes, int from, int to) {
        int slot = slot(parent, bytes, from, to);
        if (slots[slot] >= 0) {
            return slots[slot];
        }
        if (keys.size() >= MOST) {
            return PASSED_OVER;
        }
        String name = new String(bytes, from, to - from, StandardCharsets.UTF_8);
        keys.add(new Key(
                parent,
                Arrays.copyOfRange(bytes, from, to),
                parent < 0 ? name : keys.get(parent).name() + "." + name));
        slots[slot] = keys.size() - 1;
        int number = keys.size() - 1;
        if (keys.size() * 2 > slots.length) {
            grow();
        }
        return number;
    }

    private int slot(int parent, byte[] bytes, int from, int to) {
        int hash = 31 + parent;
        for (int i = from; i < to; i++) {
            hash = hash * 31 + bytes[i];
        }
        hash ^= hash >>> 15;
        int slot = hash & (slots.length - 1);
        while (slots[slot] >= 0) {
            Key key = keys.get(slots[slot]);
            if (key.parent() == parent && Arrays.equals(key.bytes(), 0, key.bytes().length, bytes, from, to)) {
                break;
            }
            slot = (slot + 1) & (slots.length - 1);
        }
        return slot;
    }

    private void grow() {
        slots = filled(slots.length * 2);
        for (int i = 0; i < keys.size(); i++) {
            Key key = keys.get(i);
            slots[slot(key.parent(), key.bytes(), 0, key.bytes().length)] = i;
        }
    }

    /** The names of all, by their numbers. */
    public List<String> names() {
        return keys.stream().map(Key::name).toList();
    }

    /** The name of one. */
    public String name(int number) {
        return keys.get(number).name();
    }
}
