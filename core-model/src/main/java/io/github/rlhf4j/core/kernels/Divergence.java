package io.github.rlhf4j.core.kernels;

import io.github.rlhf4j.core.math.StableMath;

/**
 * The generalised Jensen-Shannon divergence of two distributions over the vocabulary, and its gradient by the logits of the student, in double.
 *
 * <pre>
 *   m = beta t + (1 - beta) s,   t, s: teacher's and student's probabilities
 *   D = beta KL(t || m) + (1 - beta) KL(s || m);    beta 0: KL(t || s),    beta 1: KL(s || t)
 *   dD / dlogit_j = (1 - beta) s_j (log s_j - log m_j - KL(s || m));   beta 0: s_j - t_j,   beta 1: s_j (log s_j - log t_j - D)
 * </pre>
 *
 * <p>Source: Agarwal et al. 2024, arXiv:2306.13649, Eq. 1, with the ends as TRL has them. Immutable.
 */
public final class Divergence {
    private final double beta;
    private final double logBeta;
    private final double logRest;

    /** @param beta in [0, 1] */
    public Divergence(double beta) {
        if (!(beta >= 0 && beta <= 1)) {
            throw new IllegalArgumentException("beta must be in [0, 1], but is " + beta);
        }
        this.beta = beta;
        this.logBeta = Math.log(beta);
        this.logRest = Math.log1p(-beta);
    }

    /**
     * Of one target.
     *
     * @param student logits; on return d D / d logit
     * @param teacher logits; on return the logarithms of probabilities
     * @return D, nats
     */
    public double evaluate(double[] student, double[] teacher) {
        logSoftmax(student);
        logSoftmax(teacher);
        if (beta == 0) {
            return forward(student, teacher);
        }
        double divergence = 0;
        double own = 0; // KL(s || m)
        for (int j = 0; j < student.length; j++) {
            double m = beta == 1 ? teacher[j] : logMixture(student[j], teacher[j]);
            own += term(student[j], m);
            divergence += beta == 1 ? 0 : beta * term(teacher[j], m);
        }
        divergence += beta == 1 ? own : (1 - beta) * own;
        double factor = beta == 1 ? 1 : 1 - beta;
        for (int j = 0; j < student.length; j++) {
            double m = beta == 1 ? teacher[j] : logMixture(student[j], teacher[j]);
            double s = Math.exp(student[j]);
            student[j] = s == 0 ? 0 : factor * s * (student[j] - m - own);
        }
        return divergence;
    }

    /** KL(t || s). */
    private static double forward(double[] student, double[] teacher) {
        double divergence = 0;
        for (int j = 0; j < student.length; j++) {
            divergence += term(teacher[j], student[j]);
            student[j] = Math.exp(student[j]) - Math.exp(teacher[j]);
        }
        return divergence;
    }

    /** p (log p - log q), 0 where p is. */
    private static double term(double logP, double logQ) {
        double p = Math.exp(logP);
        return p == 0 ? 0 : p * (logP - logQ);
    }

    private double logMixture(double student, double teacher) {
        double a = student + logRest;
        double b = teacher + logBeta;
        double larger = Math.max(a, b);
        return larger == Double.NEGATIVE_INFINITY ? larger : larger + Math.log1p(Math.exp(Math.min(a, b) - larger));
    }

    private static void logSoftmax(double[] logits) {
        double logSum = StableMath.logSumExp(logits, 0, logits.length);
        for (int j = 0; j < logits.length; j++) {
            logits[j] -= logSum;
        }
    }
}
