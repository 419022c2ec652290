package io.github.rlhf4j.core.kernels.reference;

import io.github.rlhf4j.core.kernels.CacheLayout;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.RowMaxima;
import io.github.rlhf4j.core.kernels.Shapes;
import io.github.rlhf4j.core.math.StableMath;
import io.github.rlhf4j.core.tensor.Tensor;

/** Decoding's kernels in plain loops, for implementations that have no faster ones. */
public interface ReferenceDecode extends Kernels {
    @Override
    default void decodeAttention(
            Tensor out,
            Tensor queryKeyValue,
            Tensor cache,
            CacheLayout layout,
            int[] positions,
            int[][] pages,
            int rows) {
        Shapes.checkDecode(out, queryKeyValue, cache, layout, rows);
        for (int row = 0; row < rows; row++) {
            append(queryKeyValue, cache, layout, row, positions[row], pages[row]);
            for (int head = 0; head < layout.heads(); head++) {
                attend(out, queryKeyValue, cache, layout, row, head, positions[row], pages[row]);
            }
        }
    }

    private static void append(
            Tensor queryKeyValue, Tensor cache, CacheLayout layout, int row, int position, int[] pages) {
        int page = pages[position / CacheLayout.PAGE];
        int slot = position % CacheLayout.PAGE;
        int width = layout.keyValueHeads() * layout.headDim();
        for (int head = 0; head < layout.keyValueHeads(); head++) {
            int key = (layout.heads() + head) * layout.headDim();
            for (int d = 0; d < layout.headDim(); d++) {
                cache.set(page, key(layout, head, d, slot), queryKeyValue.get(row, key + d));
                cache.set(page, value(layout, head, d, slot), queryKeyValue.get(row, key + width + d));
            }
        }
    }

    private static void attend(
            Tensor out,
            Tensor queryKeyValue,
            Tensor cache,
            CacheLayout layout,
            int row,
            int head,
            int position,
            int[] pages) {
        int first = layout.firstVisible(position);
        int shared = head / layout.group();
        int query = head * layout.headDim();
        double[] scores = new double[position + 1 - first];
        for (int i = 0; i < scores.length; i++) {
            int page = pages[(first + i) / CacheLayout.PAGE];
            for (int d = 0; d < layout.headDim(); d++) {
                scores[i] += layout.scale()
                        * queryKeyValue.get(row, query + d)
                        * cache.get(page, key(layout, shared, d, (first + i) % CacheLayout.PAGE));
            }
        }
        double sum = StableMath.logSumExp(scores, 0, scores.length);
        for (int d = 0; d < layout.headDim(); d++) {
            double total = 0;
            for (int i = 0; i < scores.length; i++) {
                int page = pages[(first + i) / CacheLayout.PAGE];
                total += Math.exp(scores[i] - sum)
                        * cache.get(page, value(layout, shared, d, (first + i) % CacheLayout.PAGE));
            }
            out.set(row, query + d, total);
        }
    }

    private static int key(CacheLayout layout, int head, int d, int slot) {
        return layout.keys(head) + d * CacheLayout.PAGE + slot;
    }

    private static int value(CacheLayout layout, int head, int d, int slot) {
        return layout.values(head) + slot * layout.headDim() + d;
    }

    @Override
    default void exponentiate(Tensor inOut, int rows, double temperature, RowMaxima maxima) {
        maxima.resize(rows);
        for (int row = 0; row < rows; row++) {
            int top = 0;
            for (int j = 1; j < inOut.columns(); j++) {
                top = inOut.get(row, j) > inOut.get(row, top) ? j : top;
            }
            double max = inOut.get(row, top);
            double sum = 0;
            for (int j = 0; j < inOut.columns(); j++) {
                double e = Math.exp((inOut.get(row, j) - max) / temperature);
                inOut.set(row, j, e);
                sum += e;
            }
            maxima.set(row, max, sum, top);
        }
    }

    @Override
    default void pack(Tensor packed, Tensor weight) {
        Shapes.checkPanels(packed, weight.rows(), weight.columns());
        for (int output = 0; output < packed.rows() * Kernels.PANEL; output++) {
            for (int k = 0; k < weight.columns(); k++) {
                double value = output < weight.rows() ? weight.get(output, k) : 0;
                packed.set(output / Kernels.PANEL, k * Kernels.PANEL + output % Kernels.PANEL, value);
            }
        }
    }

    @Override
    default void multiplyPacked(Tensor out, Tensor x, Tensor packed, boolean add) {
        Shapes.checkPanels(packed, out.columns(), x.columns());
        for (int row = 0; row < out.rows(); row++) {
            for (int output = 0; output < out.columns(); output++) {
                double sum = add ? out.get(row, output) : 0;
                for (int k = 0; k < x.columns(); k++) {
                    sum += x.get(row, k)
                            * packed.get(output / Kernels.PANEL, k * Kernels.PANEL + output % Kernels.PANEL);
                }
                out.set(row, output, sum);
            }
        }
    }
}
