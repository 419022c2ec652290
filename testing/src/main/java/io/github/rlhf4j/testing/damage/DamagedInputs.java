package io.github.rlhf4j.testing.damage;

import io.github.rlhf4j.core.CounterRandom;
import java.util.ArrayList;
import java.util.List;

/** Damaged copies of an input for a reader that has no command of its own; {@code -Dtorture.inputs=N} asks for so many of each kind. */
public final class DamagedInputs {
    private static final int INPUTS = Integer.getInteger("torture.inputs", 40);
    private static final long SEED = Long.getLong("torture.seed", 20_261_128);

    private DamagedInputs() {}

    /**
     * The copies, the same for the same name and seed.
     *
     * @param name of the kind of input
     * @param whole the input without damage
     */
    public static List<byte[]> of(String name, Form form, byte[] whole) {
        List<byte[]> copies = new ArrayList<>();
        for (int i = 0; i < INPUTS; i++) {
            copies.add(form.damaged(
                    whole, new Draws(CounterRandom.of(SEED).derive(name).derive(i))));
        }
        return copies;
    }
}
