package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.Tensor;

/** Which experts each row of a pass goes to, with which weight: by row, and in the order of experts, in which their products run. Reused from pass to pass. */
final class ExpertRoutes {
    private final int experts; // E
    private final int perRow; // k
    private final ActivationBuffer probabilities; // (M, E)
    private final ActivationBuffer shares; // (M, k)
    private final ActivationBuffer weights; // (M k, 1), by expert
    private final ActivationBuffer dWeights; // (M k, 1), by expert
    private final ActivationBuffer dShares; // (M, k)
    private final ActivationBuffer dLogits; // (M, E)
    private final int[] starts; // of each expert among the M k, and their end
    private int[] chosen = {}; // (M k), by row
    private int[] rows = {}; // (M k), by expert: the row
    private int[] places = {}; // (M k), by expert: the index in chosen
    private int count; // M

    ExpertRoutes(FeedForwardConfig config, DataType type) {
        experts = config.experts();
        perRow = config.expertsPerToken();
        probabilities = new ActivationBuffer(type, experts);
        shares = new ActivationBuffer(type, perRow);
        weights = new ActivationBuffer(type, 1);
        dWeights = new ActivationBuffer(type, 1);
        dShares = new ActivationBuffer(type, perRow);
        dLogits = new ActivationBuffer(type, experts);
        starts = new int[experts + 1];
    }

    void resize(int newCount) {
        count = newCount;
        if (chosen.length < copies()) {
            int room = Math.max(copies(), chosen.length * 3 / 2);
            chosen = new int[room];
            rows = new int[room];
            places = new int[room];
        }
    }

    /** M k. */
    int copies() {
        return count * perRow;
    }

    /** (M, E): the router's logits until {@link #choose}, then probabilities. */
    Tensor probabilities() {
        return probabilities.rows(count);
    }

    /** The row of each copy, by expert. */
    int[] rows() {
        return rows;
    }

    /** Where an expert's copies begin; they end where the next one's begin. */
    int start(int expert) {
        return starts[expert];
    }

    /** The weight of each copy, (M k, 1), by expert. */
    Tensor weights() {
        return weights.rows(copies());
    }

    /** To receive the gradient of {@link #weights}. */
    Tensor dWeights() {
        return dWeights.rows(copies());
    }

    /** Chooses each row's experts in a layer, counts them, and sorts the copies by expert, then by row. */
    void choose(Kernels kernels, FeedForwardBuffers scratch, int layer) {
        Tensor share = shares.rows(count);
        kernels.chooseExperts(probabilities(), share, chosen);
        scratch.balance.count(probabilities(), chosen, perRow);
        scratch.routers.count(layer, probabilities(), chosen, perRow);
        int next = 0;
        for (int expert = 0; expert < experts; expert++) {
            starts[expert] = next;
            for (int place = 0; place < copies(); place++) {
                if (chosen[place] == expert) {
                    rows[next] = place / perRow;
                    places[next++] = place;
                }
            }
        }
        starts[experts] = next;
        Tensor weight = weights();
        for (int copy = 0; copy < next; copy++) {
            weight.set(copy, 0, share.get(rows[copy], places[copy] % perRow));
        }
    }

    /** The gradient of the router's logits, (M, E), given that of the weights and the router's own loss. */
    Tensor dLogits(Kernels kernels, LoadBalancingLoss balance) {
        Tensor dShare = dShares.rows(count);
        Tensor dWeight = dWeights();
        for (int copy = 0; copy < copies(); copy++) {
            dShare.set(rows[copy], places[copy] % perRow, dWeight.get(copy, 0));
        }
        Tensor gradient = dLogits.rows(count);
        balance.gradient(gradient);
        kernels.chooseExpertsBackward(gradient, dShare, probabilities(), shares.rows(count), chosen);
        return gradient;
    }

    long bytes() {
        return probabilities.bytes()
                + shares.bytes()
                + weights.bytes()
                + dWeights.bytes()
                + dShares.bytes()
                + dLogits.bytes();
    }

    void close() {
        probabilities.close();
        shares.close();
        weights.close();
        dWeights.close();
        dShares.close();
        dLogits.close();
    }
}
