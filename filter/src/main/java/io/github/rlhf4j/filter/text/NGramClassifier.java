package io.github.rlhf4j.filter.text;

import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Logistic regression on the words and pairs of words of a text, hashed into {@value #FEATURES} weights.
 *
 * <pre>
 *  p(good) = sigmoid(bias + sum_f count_f w_f / sqrt(sum_f count_f))
 * </pre>
 *
 * <p>Trained by AdaGrad on one text after the other. Source: Joulin et al. 2017, arXiv:1607.01759 (bags of hashed n-grams); Brown et al. 2020, arXiv:2005.14165, appendix A (a classifier of quality).
 */
public final class NGramClassifier {
    static final int FEATURES = 1 << 18;

    private static final double EPSILON = 1e-8;

    private final double[] weights = new double[FEATURES];
    private final double[] squares = new double[FEATURES]; // of gradients, summed
    private final double learningRate;
    private double bias;
    private double biasSquares;

    /** @param learningRate of AdaGrad */
    public NGramClassifier(double learningRate) {
        this.learningRate = learningRate;
    }

    /** The probability that a text is good. */
    public double probability(String text) {
        int[] features = features(text);
        return sigmoid(bias + sum(features) / norm(features));
    }

    /**
     * One step on one text.
     *
     * @param weight of this text in the loss
     * @return the loss before the step, nats
     */
    public double learn(String text, boolean isGood, double weight) {
        int[] features = features(text);
        double norm = norm(features);
        double p = sigmoid(bias + sum(features) / norm);
        double gradient = weight * (p - (isGood ? 1 : 0));
        for (int feature : features) {
            double g = gradient / norm;
            squares[feature] += g * g;
            weights[feature] -= learningRate * g / (Math.sqrt(squares[feature]) + EPSILON);
        }
        biasSquares += gradient * gradient;
        bias -= learningRate * gradient / (Math.sqrt(biasSquares) + EPSILON);
        return -weight * Math.log(Math.max(isGood ? p : 1 - p, Double.MIN_NORMAL));
    }

    /** Words and pairs of words, as often as they occur. */
    private static int[] features(String text) {
        List<String> words = TextUnits.plainWords(text);
        int[] features = new int[Math.max(0, 2 * words.size() - 1)];
        for (int n = 1, at = 0; n <= 2; n++) {
            for (long gram : TextHash.nGrams(words, n)) {
                features[at++] = (int) (gram & (FEATURES - 1));
            }
        }
        return features;
    }

    private double sum(int[] features) {
        double sum = 0;
        for (int feature : features) {
            sum += weights[feature];
        }
        return sum;
    }

    /** The root of their number. */
    private static double norm(int[] features) {
        return Math.sqrt(Math.max(1, features.length));
    }

    private static double sigmoid(double logit) {
        return 1 / (1 + StrictMath.exp(-logit));
    }

    /** Writes what gives probabilities: a reader learns no further. */
    public void write(WireWriter out) {
        int[] used = IntStream.range(0, FEATURES)
                .filter(feature -> weights[feature] != 0)
                .toArray();
        out.putDouble(bias)
                .putInts(used)
                .putDoubles(Arrays.stream(used)
                        .mapToDouble(feature -> weights[feature])
                        .toArray());
    }

    /** Reads what {@link #write} wrote. */
    public static NGramClassifier read(WireReader in) {
        NGramClassifier classifier = new NGramClassifier(0);
        classifier.bias = in.getDouble();
        int[] used = in.getInts();
        double[] weights = in.getDoubles();
        for (int i = 0; i < used.length; i++) {
            classifier.weights[used[i]] = weights[i];
        }
        return classifier;
    }
}
