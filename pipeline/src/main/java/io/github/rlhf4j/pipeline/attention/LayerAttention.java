package io.github.rlhf4j.pipeline.attention;

import io.github.rlhf4j.core.kernels.AttentionLayout;

/**
 * Attention of one layer over one sequence of T tokens, from the queries, keys and values that the model computed:
 *
 * <pre>
 *   score(i, j) = scale q_i . k_j,  weight(i, .) = softmax over the j that i sees,  out_i = sum over j of weight(i, j) v_j
 * </pre>
 *
 * @param queryKeyValue T rows of [query heads | key heads | value heads], normed and rotated as the model has them
 * @param attended T rows of H D: the model's own result
 */
@SuppressWarnings("ArrayRecordComponent") // looked at, never compared
record LayerAttention(AttentionLayout layout, int tokens, float[] queryKeyValue, float[] attended) {
    int width() {
        return layout.queryWidth() + 2 * layout.keyValueWidth();
    }

    /** The first token that token {@code query} sees. */
    int firstSeen(int query) {
        return layout.window() == 0 ? 0 : Math.max(0, query + 1 - layout.window());
    }

    double score(int head, int query, int key) {
        int q = query * width() + head * layout.headDim();
        int k = key * width() + layout.keyColumn(head);
        double sum = 0;
        for (int d = 0; d < layout.headDim(); d++) {
            sum += (double) queryKeyValue[q + d] * queryKeyValue[k + d];
        }
        return sum * layout.scale();
    }

    /** What a token gives to each token, T numbers: 0 for those that it does not see. */
    double[] weights(int head, int query) {
        double[] weights = new double[tokens];
        double most = Double.NEGATIVE_INFINITY;
        for (int key = firstSeen(query); key <= query; key++) {
            weights[key] = score(head, query, key);
            most = Math.max(most, weights[key]);
        }
        double sum = 0;
        for (int key = firstSeen(query); key <= query; key++) {
            weights[key] = Math.exp(weights[key] - most);
            sum += weights[key];
        }
        for (int key = firstSeen(query); key <= query; key++) {
            weights[key] /= sum;
        }
        return weights;
    }

    /** The weighted sum of the values, D numbers. */
    double[] weightedSum(int head, int query) {
        double[] weights = weights(head, query);
        double[] sum = new double[layout.headDim()];
        for (int key = firstSeen(query); key <= query; key++) {
            int v = key * width() + layout.valueColumn(head);
            for (int d = 0; d < sum.length; d++) {
                sum[d] += weights[key] * queryKeyValue[v + d];
            }
        }
        return sum;
    }

    /** The largest difference between the model's own result and the weighted sums. */
    double largestDifference() {
        double largest = 0;
        for (int head = 0; head < layout.heads(); head++) {
            for (int query = 0; query < tokens; query++) {
                double[] sum = weightedSum(head, query);
                int at = query * layout.queryWidth() + head * layout.headDim();
                for (int d = 0; d < sum.length; d++) {
                    largest = Math.max(largest, Math.abs(sum[d] - attended[at + d]));
                }
            }
        }
        return largest;
    }
}
