package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.kernels.Kernels.AdamWStep;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * AdamW on staged chunks (value, first moment, second moment, gradient), scalars as PyTorch rounds them: computed in double, used in float.
 *
 * <p>Moments that fade away become 0 instead of numbers below float32's normal ones, where they would stay for good: a weight without gradients (a token that no longer occurs) would take Intel's processors
 * about a hundred times as long as others, after several hundred such steps.
 */
final class AdamWUpdate implements Elementwise.ChunkOperation {
    private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
    /** Added and taken away again: what is much smaller is 0 then, what is much larger is as it was. */
    private static final float FADED = 1e-28f;

    private float gradientScale;
    private float keep;
    private float beta2;
    private float oneMinusBeta1;
    private float oneMinusBeta2;
    private float rootOfBias2;
    private float epsilon;
    private float stepSize;

    void set(AdamWStep step) {
        gradientScale = (float) step.gradientScale();
        keep = (float) (1 - step.rate() * step.decay());
        beta2 = (float) step.beta2();
        oneMinusBeta1 = (float) (1 - step.beta1());
        oneMinusBeta2 = (float) (1 - step.beta2());
        rootOfBias2 = (float) Math.sqrt(1 - Math.pow(step.beta2(), step.step()));
        epsilon = (float) step.epsilon();
        stepSize = (float) (step.rate() / (1 - Math.pow(step.beta1(), step.step())));
    }

    @Override
    public void apply(float[] value, float[] first, float[] second, float[] gradient, int n) {
        for (int i = 0; i < n; i += VectorMath.LANES) {
            FloatVector g = FloatVector.fromArray(SPECIES, gradient, i).mul(gradientScale);
            FloatVector m = FloatVector.fromArray(SPECIES, first, i);
            m = g.sub(m)
                    .fma(FloatVector.broadcast(SPECIES, oneMinusBeta1), m.add(FADED))
                    .sub(FADED);
            FloatVector v = FloatVector.fromArray(SPECIES, second, i).mul(beta2).add(FADED);
            v = g.mul(oneMinusBeta2).fma(g, v).sub(FADED);
            FloatVector denominator = v.sqrt().div(rootOfBias2).add(epsilon);
            FloatVector x = FloatVector.fromArray(SPECIES, value, i).mul(keep);
            x.sub(m.mul(stepSize).div(denominator)).intoArray(value, i);
            m.intoArray(first, i);
            v.intoArray(second, i);
        }
    }
}
