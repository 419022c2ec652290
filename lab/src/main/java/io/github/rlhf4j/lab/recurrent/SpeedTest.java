package io.github.rlhf4j.lab.recurrent;

import java.util.Map;

/** How long a model takes to read a context and to write after it. Times are the shortest of some, on one thread. */
interface SpeedTest extends AutoCloseable {
    /** Words written after a context. */
    int WRITTEN = 16;

    /** For a translator; its weights do not matter. */
    static SpeedTest of(Translator model) {
        return model instanceof TransformerTranslator transformer
                ? new TransformerSpeed(transformer.model())
                : new RecurrentSpeed((RecurrentTranslator) model);
    }

    /** Milliseconds to read {@code context} words at once. */
    double readAtOnce(int context);

    /** Milliseconds to read them one after the other. */
    double readOneByOne(int context);

    /** Milliseconds to write a word after them. */
    double write(int context);

    /** All three, and how much faster it is to read at once. */
    default Map<String, Double> milliseconds(int context) {
        double atOnce = readAtOnce(context);
        double oneByOne = readOneByOne(context);
        return Map.of(
                "read_ms", atOnce, "one_by_one_ms", oneByOne, "speedup", oneByOne / atOnce, "write_ms", write(context));
    }

    /** The shortest of five times, after one more that warms up: what else the machine does only makes times longer. */
    static double shortest(Runnable work) {
        work.run();
        double shortest = Double.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            long start = System.nanoTime();
            work.run();
            shortest = Math.min(shortest, (System.nanoTime() - start) / 1e6);
        }
        return shortest;
    }

    @Override
    void close();
}
