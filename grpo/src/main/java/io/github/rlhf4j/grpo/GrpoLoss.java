package io.github.rlhf4j.grpo;

/**
 * The hyper-parameters of the loss.
 *
 * @param token the loss of a token
 * @param aggregation what its sum is divided by
 * @param sequenceLevel whether a response has one ratio: the geometric mean of its tokens' (GSPO, Zheng et al. 2025, arXiv:2507.18071)
 * @param beta price of a nat of KL to the reference; 0: none
 * @param biasCorrection whether the KL is weighted by the ratio
 * @param topEntropy share of the tokens, those of largest entropy, that the policy learns from, in (0, 1]
 * @param entropyCoef weight of the entropy bonus
 * @param sampler what a token's loss is weighted by, where its sampler had rounded weights
 * @param offPolicyThreshold a response with a negative advantage is left out where the mean of sampler's less policy's log-probs exceeds it, nats; infinite: never
 */
record GrpoLoss(
        TokenLoss token,
        Aggregation aggregation,
        boolean sequenceLevel,
        double beta,
        boolean biasCorrection,
        double topEntropy,
        double entropyCoef,
        SamplerConfig sampler,
        double offPolicyThreshold) {}
