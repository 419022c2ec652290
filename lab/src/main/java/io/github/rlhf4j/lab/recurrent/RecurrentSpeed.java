package io.github.rlhf4j.lab.recurrent;

import java.util.Arrays;
import java.util.List;

/** An encoder's and a decoder's: the encoder needs a state before it computes the next, whether it gets all words in one call or each in its own. */
final class RecurrentSpeed implements SpeedTest {
    private final RecurrentTranslator model;
    private final RecurrentDecoding decoding;

    RecurrentSpeed(RecurrentTranslator model) {
        this.model = model;
        decoding = UnusedArrays.during(() -> new RecurrentDecoding(model));
    }

    private WordArrays words(int count) {
        int[] words = new int[count];
        Arrays.fill(words, 2);
        return WordArrays.of(List.of(words), model.type());
    }

    @Override
    public double readAtOnce(int context) {
        return SpeedTest.shortest(() -> UnusedArrays.during(() -> read(context, 1)));
    }

    /** The state is not carried on, which would cost nothing: deeplearning4j cannot step through a layer that is an output. */
    @Override
    public double readOneByOne(int context) {
        return SpeedTest.shortest(() -> UnusedArrays.during(() -> read(1, context)));
    }

    private int read(int words, int times) {
        try (WordArrays source = words(words)) {
            for (int i = 0; i < times; i++) {
                decoding.encode(source).close();
            }
        }
        return times;
    }

    @Override
    public double write(int context) {
        return UnusedArrays.during(() -> {
            try (WordArrays source = words(context);
                    RecurrentDecoding.Encoded encoded = decoding.encode(source)) {
                decoding.begin(source);
                return SpeedTest.shortest(() -> {
                            for (int i = 0; i < WRITTEN; i++) {
                                decoding.next(new int[] {2}, encoded);
                            }
                        })
                        / WRITTEN;
            }
        });
    }

    @Override
    public void close() {
        decoding.close();
    }
}
