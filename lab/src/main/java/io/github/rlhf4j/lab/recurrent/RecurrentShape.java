package io.github.rlhf4j.lab.recurrent;

/**
 * The size of an encoder and a decoder.
 *
 * @param vocabulary V, ids 0 .. V - 1 of both languages
 * @param embedding width of a word's vector
 * @param hidden width of the state of encoder and decoder
 * @param attention whether the decoder looks back at all of the encoder's states, and not at its last one alone
 */
public record RecurrentShape(int vocabulary, int embedding, int hidden, boolean attention) {
    public RecurrentShape {
        if (vocabulary < 2 || embedding < 1 || hidden < 1) {
            throw new IllegalArgumentException("vocabulary must be >= 2, embedding and hidden >= 1, but they are "
                    + vocabulary + ", " + embedding + " and " + hidden);
        }
    }

    /** The shape with embeddings as wide as states whose number of weights is closest to {@code parameters}. */
    public static RecurrentShape near(long parameters, int vocabulary, boolean attention) {
        int hidden = 1;
        while (new RecurrentShape(vocabulary, hidden + 1, hidden + 1, attention).parameters() <= parameters) {
            hidden++;
        }
        RecurrentShape below = new RecurrentShape(vocabulary, hidden, hidden, attention);
        RecurrentShape above = new RecurrentShape(vocabulary, hidden + 1, hidden + 1, attention);
        return parameters - below.parameters() <= above.parameters() - parameters ? below : above;
    }

    /** Its weights. */
    public long parameters() {
        long h = hidden;
        long embeddings = 2L * vocabulary * embedding;
        long encoder = 4 * h * (embedding + h + 1);
        long decoder = 4 * h * (embedding + 2 * h + 1) + (h + 1) * vocabulary;
        return embeddings + encoder + decoder + (attention ? 4 * h * h + (2 * h + 1) * h : 0);
    }

    /**
     * Floating-point operations of a forward pass, two for each multiplication of a matrix's element; embeddings are looked up and cost none.
     *
     * @param source words of the source
     * @param target words of the target, END included
     */
    public long forwardFlops(int source, int target) {
        long h = hidden;
        long encoder = 2 * 4 * h * (embedding + h);
        long decoder = 2 * 4 * h * (embedding + 2 * h) + 2 * h * vocabulary;
        if (!attention) {
            return source * encoder + target * decoder;
        }
        long keysAndValues = 2 * 2 * h * h;
        long queryOutputAndCombination = 2 * (h * h + h * h + 2 * h * h);
        return source * (encoder + keysAndValues)
                + target * (decoder + queryOutputAndCombination)
                + 4L * source * target * h;
    }
}
