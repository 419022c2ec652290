package io.github.rlhf4j.datasets.tokens;

import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import io.github.rlhf4j.datasets.ColumnValues;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * How an example is in the cache, and on its way to a worker: as a few int arrays.
 *
 * @param <T> the example
 */
public interface ExampleFormat<T> {
    ExampleFormat<TokenizedSequence> SEQUENCE = new ExampleFormat<>() {
        @Override
        public int[][] parts(TokenizedSequence example) {
            int[] targets = new int[example.ids().length];
            for (int i = 0; i < targets.length; i++) {
                targets[i] = example.isTarget()[i] ? 1 : 0;
            }
            return new int[][] {example.ids(), targets};
        }

        @Override
        public TokenizedSequence example(int[][] parts) {
            boolean[] isTarget = new boolean[parts[1].length];
            for (int i = 0; i < isTarget.length; i++) {
                isTarget[i] = parts[1][i] == 1;
            }
            return new TokenizedSequence(parts[0], isTarget);
        }
    };

    ExampleFormat<TokenizedPair> PAIR = new ExampleFormat<>() {
        @Override
        public int[][] parts(TokenizedPair example) {
            return new int[][] {example.promptIds(), example.chosenIds(), example.rejectedIds()};
        }

        @Override
        public TokenizedPair example(int[][] parts) {
            return new TokenizedPair(parts[0], parts[1], parts[2]);
        }
    };

    ExampleFormat<TokenizedUnpaired> UNPAIRED = new ExampleFormat<>() {
        @Override
        public int[][] parts(TokenizedUnpaired example) {
            return new int[][] {example.promptIds(), example.completionIds(), {example.label() ? 1 : 0}};
        }

        @Override
        public TokenizedUnpaired example(int[][] parts) {
            return new TokenizedUnpaired(parts[0], parts[1], parts[2][0] == 1);
        }
    };

    ExampleFormat<TokenizedSteps> STEPS = new ExampleFormat<>() {
        @Override
        public int[][] parts(TokenizedSteps example) {
            int[] labels = new int[example.labels().length];
            for (int i = 0; i < labels.length; i++) {
                labels[i] = example.labels()[i] ? 1 : 0;
            }
            return new int[][] {example.promptIds(), example.completionIds(), example.ends(), labels};
        }

        @Override
        public TokenizedSteps example(int[][] parts) {
            boolean[] labels = new boolean[parts[3].length];
            for (int i = 0; i < labels.length; i++) {
                labels[i] = parts[3][i] == 1;
            }
            return new TokenizedSteps(parts[0], parts[1], parts[2], labels);
        }
    };

    ExampleFormat<TokenizedRanking> RANKING = new ExampleFormat<>() {
        @Override
        public int[][] parts(TokenizedRanking example) {
            int[][] parts = new int[2 + example.responseIds().length][];
            parts[0] = example.promptIds();
            parts[1] = withMargin(example.ranks(), example.margin());
            System.arraycopy(example.responseIds(), 0, parts, 2, example.responseIds().length);
            return parts;
        }

        @Override
        public TokenizedRanking example(int[][] parts) {
            int[][] responses = Arrays.copyOfRange(parts, 2, parts.length);
            int[] ranks = Arrays.copyOf(parts[1], responses.length);
            return new TokenizedRanking(parts[0], responses, ranks, margin(parts[1], responses.length));
        }

        /** The ranks, and the bits of a margin where there is one. */
        private int[] withMargin(int[] ranks, double margin) {
            if (margin == 0) {
                return ranks;
            }
            int[] both = Arrays.copyOf(ranks, ranks.length + 2);
            long bits = Double.doubleToLongBits(margin);
            both[ranks.length] = (int) (bits >>> Integer.SIZE);
            both[ranks.length + 1] = (int) bits;
            return both;
        }

        private double margin(int[] both, int responses) {
            return both.length == responses
                    ? 0
                    : Double.longBitsToDouble(
                            (long) both[responses] << Integer.SIZE | Integer.toUnsignedLong(both[responses + 1]));
        }
    };

    ExampleFormat<TokenizedPrompt> PROMPT = new ExampleFormat<>() {
        @Override
        public int[][] parts(TokenizedPrompt example) {
            if (example.columns().isEmpty() && example.text().isEmpty()) {
                return new int[][] {example.ids()};
            }
            int[] columns = packed(ColumnValues.toJson(example.columns()));
            return example.text().isEmpty()
                    ? new int[][] {example.ids(), columns}
                    : new int[][] {
                        example.ids(), columns, packed(example.text().get().toJson())
                    };
        }

        @Override
        public TokenizedPrompt example(int[][] parts) {
            return parts.length == 1
                    ? new TokenizedPrompt(parts[0])
                    : new TokenizedPrompt(
                            parts[0],
                            ColumnValues.fromJson(text(parts[1])),
                            parts.length == 2 ? Optional.empty() : Optional.of(PromptText.fromJson(text(parts[2]))));
        }

        /** The number of bytes, and the bytes of a text, four in an int. */
        private int[] packed(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            int ints = (bytes.length + Integer.BYTES - 1) / Integer.BYTES;
            ByteBuffer buffer = ByteBuffer.allocate((1 + ints) * Integer.BYTES)
                    .putInt(bytes.length)
                    .put(bytes);
            int[] packed = new int[1 + ints];
            buffer.rewind().asIntBuffer().get(packed);
            return packed;
        }

        private String text(int[] packed) {
            ByteBuffer buffer = ByteBuffer.allocate(packed.length * Integer.BYTES);
            buffer.asIntBuffer().put(packed);
            return new String(buffer.array(), Integer.BYTES, packed[0], StandardCharsets.UTF_8);
        }
    };

    ExampleFormat<TokenizedWindow> WINDOW = new ExampleFormat<>() {
        @Override
        public int[][] parts(TokenizedWindow example) {
            return new int[][] {example.ids(), example.documentStarts()};
        }

        @Override
        public TokenizedWindow example(int[][] parts) {
            return new TokenizedWindow(parts[0], parts[1]);
        }
    };

    ExampleFormat<TokenizedPack> PACK = new ExampleFormat<>() {
        @Override
        public int[][] parts(TokenizedPack example) {
            int[] targets = new int[example.ids().length];
            for (int i = 0; i < targets.length; i++) {
                targets[i] = example.isTarget()[i] ? 1 : 0;
            }
            return new int[][] {example.ids(), targets, example.starts()};
        }

        @Override
        public TokenizedPack example(int[][] parts) {
            boolean[] isTarget = new boolean[parts[1].length];
            for (int i = 0; i < isTarget.length; i++) {
                isTarget[i] = parts[1][i] == 1;
            }
            return new TokenizedPack(parts[0], isTarget, parts[2]);
        }
    };

    int[][] parts(T example);

    T example(int[][] parts);

    /** Writes an example for {@link #read}. */
    default void write(WireWriter out, T example) {
        out.putList(List.of(parts(example)), WireWriter::putInts);
    }

    /** What {@link #write} wrote. */
    default T read(WireReader in) {
        return example(in.getList(WireReader::getInts).toArray(int[][]::new));
    }
}
