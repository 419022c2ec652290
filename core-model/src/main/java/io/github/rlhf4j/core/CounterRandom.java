package io.github.rlhf4j.core;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;

/**
 * Counter-based randomness: a draw is a pure function of a key and a counter, so there is no stream to save and nothing depends on order, batch
 * or threads.
 *
 * <p>A key is derived from a parent key by a name or a number; draws mix key and counter with the finaliser of SplitMix64 (Steele et al. 2014), twice.
 *
 * @param key the state; two different derivations give unrelated sequences
 */
public record CounterRandom(long key) implements Serializable {
    /** The root of a run: its seed. */
    public static CounterRandom of(long seed) {
        return new CounterRandom(mix(seed ^ 0x9E3779B97F4A7C15L));
    }

    /** A child named {@code name}. */
    public CounterRandom derive(String name) {
        long hash = key;
        for (byte value : name.getBytes(StandardCharsets.UTF_8)) {
            hash = mix(hash ^ (value & 0xFF) * 0x9E3779B97F4A7C15L);
        }
        return new CounterRandom(mix(hash + 0x632BE59BD9B4E019L));
    }

    /** A child numbered {@code index}. */
    public CounterRandom derive(long index) {
        return new CounterRandom(mix(key + mix(index * 0xD1342543DE82EF95L + 0x2545F4914F6CDD1DL)));
    }

    /** 64 uniform bits for {@code counter}. */
    public long bits(long counter) {
        return mix(key ^ mix(counter + 0x9E3779B97F4A7C15L));
    }

    /** Uniform in [0, 1) with 53 bits. */
    public double uniform(long counter) {
        return (bits(counter) >>> 11) * 0x1.0p-53;
    }

    /** Uniform in 0 .. bound - 1; the bias is below bound / 2^63. */
    public int below(long counter, int bound) {
        if (bound <= 0) {
            throw new IllegalArgumentException("bound must be > 0, but is " + bound);
        }
        return (int) Long.remainderUnsigned(bits(counter), bound);
    }

    /** Standard normal (Box-Muller over two draws of this counter). */
    public double gaussian(long counter) {
        double first = 1.0 - uniform(2 * counter);
        double second = uniform(2 * counter + 1);
        return Math.sqrt(-2 * Math.log(first)) * Math.cos(2 * Math.PI * second);
    }

    private static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
