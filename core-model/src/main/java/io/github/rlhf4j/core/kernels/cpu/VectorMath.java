package io.github.rlhf4j.core.kernels.cpu;

import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Loops over staged rows. Every row has room to the next whole vector ({@link #roundUp}); sums need zeros there, maxima -infinity.
 *
 * <p>Of a method with more than about 55 vector operations, those of what it calls included, the compiler defers some behind a limit that no flag moves (18,000 nodes, NodeCountInliningCutoff), and then their results are objects, in some processes and not in
 * others: such loops are cut in two.
 */
final class VectorMath {
    static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    static final int LANES = SPECIES.length();

    static final float LN2_HIGH = 0.693145752f;
    static final float LN2_LOW = 1.42860677e-6f;
    /** 1.5 * 2^23: adding it leaves the nearest integer in the low bits. */
    static final float ROUNDER = 12582912f;

    private static final int ROUNDER_BITS = Float.floatToRawIntBits(ROUNDER);
    private static final int ROOT_HALF_BITS = Float.floatToRawIntBits(0.70710678f);

    /** sqrt(2 / pi), and that times 0.044715. */
    private static final float GELU_LINEAR = 0.79788456f;

    private static final float GELU_CUBIC = 0.035677408f;

    /** Elements summed in float before the sum continues in double. */
    private static final int SUM_BLOCK = 2048;

    /** Side of what {@link #transposeSquare} transposes, and the distance of its rows: not a power of two, so that columns do not meet in the same cache lines' places. */
    static final int SQUARE = 64;

    static final int SQUARE_STRIDE = SQUARE + 16;

    private static final int[] COLUMN =
            IntStream.range(0, LANES).map(i -> i * SQUARE_STRIDE).toArray();

    private VectorMath() {}

    static int roundUp(int n) {
        return (n + LANES - 1) & -LANES;
    }

    /**
     * {@code out = shift + ln x} for normal x > 0, the logarithm within 1e-7, relative or absolute. Source of the polynomial: Cephes logf. No method of its own from vector to vector: called
     * once where loops run many times it might not be inlined, and then would allocate both.
     */
    static void addLog(float[] out, float[] shift, float[] x, int n) {
        for (int i = 0; i < n; i += LANES) {
            IntVector bits = FloatVector.fromArray(SPECIES, x, i).reinterpretAsInts();
            IntVector exponent = bits.sub(ROOT_HALF_BITS).lanewise(VectorOperators.ASHR, 23);
            FloatVector r = bits.sub(exponent.lanewise(VectorOperators.LSHL, 23))
                    .reinterpretAsFloats()
                    .sub(1f);
            FloatVector e = exponent.add(ROUNDER_BITS).reinterpretAsFloats().sub(ROUNDER);
            FloatVector p = FloatVector.broadcast(SPECIES, 7.0376836292e-2f);
            p = p.fma(r, FloatVector.broadcast(SPECIES, -1.1514610310e-1f));
            p = p.fma(r, FloatVector.broadcast(SPECIES, 1.1676998740e-1f));
            p = p.fma(r, FloatVector.broadcast(SPECIES, -1.2420140846e-1f));
            p = p.fma(r, FloatVector.broadcast(SPECIES, 1.4249322787e-1f));
            p = p.fma(r, FloatVector.broadcast(SPECIES, -1.6668057665e-1f));
            p = p.fma(r, FloatVector.broadcast(SPECIES, 2.0000714765e-1f));
            p = p.fma(r, FloatVector.broadcast(SPECIES, -2.4999993993e-1f));
            p = p.fma(r, FloatVector.broadcast(SPECIES, 3.3333331174e-1f));
            FloatVector square = r.mul(r);
            FloatVector y = p.mul(r).mul(square);
            y = e.fma(FloatVector.broadcast(SPECIES, LN2_LOW), y);
            y = square.fma(FloatVector.broadcast(SPECIES, -0.5f), y);
            y = e.fma(FloatVector.broadcast(SPECIES, LN2_HIGH), r.add(y));
            FloatVector.fromArray(SPECIES, shift, i).add(y).intoArray(out, i);
        }
    }

    /** The largest of the first {@code n}; the padding must not exceed it. */
    static float max(float[] x, int n) {
        FloatVector max0 = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        FloatVector max1 = max0;
        FloatVector max2 = max0;
        FloatVector max3 = max0;
        int i = 0;
        for (; i + 3 * LANES < n; i += 4 * LANES) { // side by side, since each takes long
            max0 = max0.max(FloatVector.fromArray(SPECIES, x, i));
            max1 = max1.max(FloatVector.fromArray(SPECIES, x, i + LANES));
            max2 = max2.max(FloatVector.fromArray(SPECIES, x, i + 2 * LANES));
            max3 = max3.max(FloatVector.fromArray(SPECIES, x, i + 3 * LANES));
        }
        for (; i < n; i += LANES) {
            max0 = max0.max(FloatVector.fromArray(SPECIES, x, i));
        }
        return max0.max(max1).max(max2.max(max3)).reduceLanes(VectorOperators.MAX);
    }

    /** {@code out = e^((x - max) * factor)}, and their sum over the first {@code n}, NaN where the maximum is not finite. The padding of {@code x} must be -infinity. */
    static double expAndSum(float[] x, float[] out, int n, float max, float factor) {
        double total = 0;
        for (int from = 0; from < n; from += SUM_BLOCK) {
            FloatVector sum = FloatVector.zero(SPECIES);
            int to = Math.min(n, from + SUM_BLOCK);
            for (int i = from; i < to; i += LANES) {
                FloatVector e = VectorExp.weight(
                        FloatVector.fromArray(SPECIES, x, i).sub(max).mul(factor));
                e.intoArray(out, i);
                sum = e.add(sum); // not sum.add(e): of a sum the compiler does not know the class, and keeps an object
            }
            total += LaneSum.of(sum);
        }
        return Float.isFinite(max) ? total : Double.NaN;
    }

    /** {@code x = e^(x - shift)}. */
    static void expOfDifference(float[] x, int n, float shift) {
        for (int i = 0; i < n; i += LANES) {
            VectorExp.weight(FloatVector.fromArray(SPECIES, x, i).sub(shift)).intoArray(x, i);
        }
    }

    /** {@code sum of e * (x - max) * factor} over the first {@code n}; the padding of x must be finite here. */
    static double sumOfProducts(float[] e, float[] x, int n, float max, float factor) {
        double total = 0;
        for (int from = 0; from < n; from += SUM_BLOCK) {
            FloatVector sum = FloatVector.zero(SPECIES);
            int to = Math.min(n, from + SUM_BLOCK);
            for (int i = from; i < to; i += LANES) {
                FloatVector z = FloatVector.fromArray(SPECIES, x, i).sub(max).mul(factor);
                sum = FloatVector.fromArray(SPECIES, e, i).fma(z, sum);
            }
            total += LaneSum.of(sum);
        }
        return total;
    }

    static double sum(float[] x, int n) {
        double total = 0;
        for (int from = 0; from < n; from += SUM_BLOCK) {
            FloatVector sum = FloatVector.zero(SPECIES);
            int to = Math.min(n, from + SUM_BLOCK);
            for (int i = from; i < to; i += LANES) {
                sum = sum.add(FloatVector.fromArray(SPECIES, x, i));
            }
            total += LaneSum.of(sum);
        }
        return total;
    }

    static double dot(float[] x, float[] y, int n) {
        double total = 0;
        for (int from = 0; from < n; from += SUM_BLOCK) {
            FloatVector sum = FloatVector.zero(SPECIES);
            int to = Math.min(n, from + SUM_BLOCK);
            for (int i = from; i < to; i += LANES) {
                sum = FloatVector.fromArray(SPECIES, x, i).fma(FloatVector.fromArray(SPECIES, y, i), sum);
            }
            total += LaneSum.of(sum);
        }
        return total;
    }

    /** The sum of squares, in float inside {@code block} elements and in double between blocks. */
    static double sumOfSquares(float[] x, int n, int block) {
        double total = 0;
        for (int from = 0; from < n; from += block) {
            FloatVector sum = FloatVector.zero(SPECIES);
            int to = Math.min(n, from + block);
            for (int i = from; i < to; i += LANES) {
                FloatVector value = FloatVector.fromArray(SPECIES, x, i);
                sum = value.fma(value, sum);
            }
            total += LaneSum.of(sum);
        }
        return total;
    }

    /** The sum of x * y * z. */
    static double dot(float[] x, float[] y, float[] z, int n) {
        double total = 0;
        for (int from = 0; from < n; from += SUM_BLOCK) {
            FloatVector sum = FloatVector.zero(SPECIES);
            int to = Math.min(n, from + SUM_BLOCK);
            for (int i = from; i < to; i += LANES) {
                FloatVector product = FloatVector.fromArray(SPECIES, x, i).mul(FloatVector.fromArray(SPECIES, y, i));
                sum = product.fma(FloatVector.fromArray(SPECIES, z, i), sum);
            }
            total += LaneSum.of(sum);
        }
        return total;
    }

    /** {@code total += x * y * factor}. */
    static void addProduct(float[] total, int from, float[] x, float[] y, int n, float factor) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector.fromArray(SPECIES, x, i)
                    .mul(factor)
                    .fma(FloatVector.fromArray(SPECIES, y, i), FloatVector.fromArray(SPECIES, total, from + i))
                    .intoArray(total, from + i);
        }
    }

    /** {@code out += r * d * weight + x * back}: the gradient of the root-mean-square norm of a row. */
    static void addNormGradient(float[] out, float[] d, float[] weight, float[] x, int n, float r, float back) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector direct = FloatVector.fromArray(SPECIES, d, i)
                    .mul(FloatVector.fromArray(SPECIES, weight, i))
                    .mul(r);
            FloatVector.fromArray(SPECIES, x, i)
                    .fma(FloatVector.broadcast(SPECIES, back), direct)
                    .add(FloatVector.fromArray(SPECIES, out, i))
                    .intoArray(out, i);
        }
    }

    /** {@code gate = silu(gate) * up}. */
    static void swiGlu(float[] gate, float[] up, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector g = FloatVector.fromArray(SPECIES, gate, i);
            g.div(VectorExp.exp(g.neg()).add(1f))
                    .mul(FloatVector.fromArray(SPECIES, up, i))
                    .intoArray(gate, i);
        }
    }

    /** {@code e = e^-x}, for {@link #swiGluBackward}. */
    static void expOfNegative(float[] e, float[] x, int n) {
        for (int i = 0; i < n; i += LANES) {
            VectorExp.exp(FloatVector.fromArray(SPECIES, x, i).neg()).intoArray(e, i);
        }
    }

    /** {@code gate, up} become their gradients, given {@code d}, that of silu(gate) * up, which becomes silu(gate) * up, and {@code e = e^-gate}. */
    static void swiGluBackward(float[] gate, float[] up, float[] d, float[] e, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector g = FloatVector.fromArray(SPECIES, gate, i);
            FloatVector u = FloatVector.fromArray(SPECIES, up, i);
            FloatVector dOut = FloatVector.fromArray(SPECIES, d, i);
            FloatVector exp = FloatVector.fromArray(SPECIES, e, i);
            FloatVector sigmoid = FloatVector.broadcast(SPECIES, 1f).div(exp.add(1f));
            FloatVector silu = g.mul(sigmoid);
            // silu' = s + g s (1 - s) = s + silu (1 - s), and 1 - s = e s without cancellation
            FloatVector slope = silu.fma(exp.mul(sigmoid), sigmoid);
            dOut.mul(u).mul(slope).intoArray(gate, i);
            dOut.mul(silu).intoArray(up, i);
            silu.mul(u).intoArray(d, i);
        }
    }

    /** {@code out = gelu(x)} in its tanh form, which is x sigmoid(2 u), u = sqrt(2 / pi) (x + 0.044715 x^3). */
    static void gelu(float[] out, float[] x, int n) {
        expOfGelu(out, x, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector.fromArray(SPECIES, x, i)
                    .div(FloatVector.fromArray(SPECIES, out, i).add(1f))
                    .intoArray(out, i);
        }
    }

    /** {@code e = e^(-2 u)}, u = sqrt(2 / pi) (x + 0.044715 x^3). */
    static void expOfGelu(float[] e, float[] x, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, i);
            FloatVector inner = v.mul(v)
                    .fma(
                            FloatVector.broadcast(SPECIES, -2 * GELU_CUBIC),
                            FloatVector.broadcast(SPECIES, -2 * GELU_LINEAR));
            VectorExp.exp(v.mul(inner)).intoArray(e, i);
        }
    }

    /** {@code d *= gelu'(x)}: s + x s (1 - s) 2 u', with 1 - s = e s without cancellation, given {@code e} of {@link #expOfGelu}. */
    static void geluBackward(float[] d, float[] x, float[] e, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, i);
            FloatVector exp = FloatVector.fromArray(SPECIES, e, i);
            FloatVector sigmoid = FloatVector.broadcast(SPECIES, 1f).div(exp.add(1f));
            FloatVector slope = v.mul(v)
                    .fma(
                            FloatVector.broadcast(SPECIES, 6 * GELU_CUBIC),
                            FloatVector.broadcast(SPECIES, 2 * GELU_LINEAR));
            FloatVector derivative = v.mul(sigmoid).mul(exp.mul(sigmoid)).fma(slope, sigmoid);
            derivative.mul(FloatVector.fromArray(SPECIES, d, i)).intoArray(d, i);
        }
    }

    /** {@code to[i, j] = from[j, i]} of squares whose rows are {@link #SQUARE_STRIDE} apart. */
    static void transposeSquare(float[] from, float[] to) {
        for (int i = 0; i < SQUARE; i++) {
            for (int j = 0; j < SQUARE; j += LANES) {
                FloatVector.fromArray(SPECIES, from, j * SQUARE_STRIDE + i, COLUMN, 0)
                        .intoArray(to, i * SQUARE_STRIDE + j);
            }
        }
    }

    /** {@code x += value}. */
    static void addConstant(float[] x, int n, float value) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector.fromArray(SPECIES, x, i).add(value).intoArray(x, i);
        }
    }

    /** Rotates the pairs (x[at + j], x[at + half + j]) of one head; {@code half} is a whole number of vectors. */
    static void rotate(float[] x, int at, int half, float[] cosine, float[] sine) {
        for (int j = 0; j < half; j += LANES) {
            FloatVector cos = FloatVector.fromArray(SPECIES, cosine, j);
            FloatVector sin = FloatVector.fromArray(SPECIES, sine, j);
            FloatVector a = FloatVector.fromArray(SPECIES, x, at + j);
            FloatVector b = FloatVector.fromArray(SPECIES, x, at + half + j);
            a.mul(cos).sub(b.mul(sin)).intoArray(x, at + j);
            b.mul(cos).add(a.mul(sin)).intoArray(x, at + half + j);
        }
    }

    /** {@code p = p * (dp - delta) * scale}, from probabilities and their gradients to gradients of scores. */
    static void scoreGradient(float[] p, float[] dp, int n, float delta, float scale) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector.fromArray(SPECIES, dp, i)
                    .sub(delta)
                    .mul(scale)
                    .mul(FloatVector.fromArray(SPECIES, p, i))
                    .intoArray(dp, i);
        }
    }

    /** {@code e *= factor * (1 + back * ((x - max) * invTemperature + shift))}: gradient of the logits through log-prob and entropy. */
    static void logitGradient(
            float[] e, float[] x, int n, float max, float inverseTemperature, float direct, float back, float shift) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector z = FloatVector.fromArray(SPECIES, x, i)
                    .sub(max)
                    .mul(inverseTemperature)
                    .add(shift);
            z.fma(FloatVector.broadcast(SPECIES, back), FloatVector.broadcast(SPECIES, direct))
                    .mul(FloatVector.fromArray(SPECIES, e, i))
                    .intoArray(e, i);
        }
    }

    /** Whether one of the first {@code n} equals {@code value}; {@code n} need not be a whole number of vectors. */
    static boolean contains(float[] x, int n, float value) {
        int whole = n & -LANES;
        for (int i = 0; i < whole; i += LANES) {
            if (FloatVector.fromArray(SPECIES, x, i)
                    .compare(VectorOperators.EQ, value)
                    .anyTrue()) {
                return true;
            }
        }
        for (int i = whole; i < n; i++) {
            if (x[i] == value) {
                return true;
            }
        }
        return false;
    }

    static void scale(float[] x, int n, float factor) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector.fromArray(SPECIES, x, i).mul(factor).intoArray(x, i);
        }
    }

    /** {@code x += factor * y}. */
    static void addScaled(float[] x, float[] y, int n, float factor) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector.fromArray(SPECIES, y, i)
                    .fma(FloatVector.broadcast(SPECIES, factor), FloatVector.fromArray(SPECIES, x, i))
                    .intoArray(x, i);
        }
    }

    /** {@code x[from + i] += y[at + i]}. */
    static void add(float[] x, int from, float[] y, int at, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector.fromArray(SPECIES, x, from + i)
                    .add(FloatVector.fromArray(SPECIES, y, at + i))
                    .intoArray(x, from + i);
        }
    }

    /** {@code x = keep * x + (1 - keep) * y}. */
    static void mix(float[] x, float[] y, int n, float keep, float rest) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector kept = FloatVector.fromArray(SPECIES, x, i).mul(keep);
            FloatVector.fromArray(SPECIES, y, i)
                    .fma(FloatVector.broadcast(SPECIES, rest), kept)
                    .intoArray(x, i);
        }
    }

    /** {@code out = x * factor * weight}. */
    static void scaleByRow(float[] out, float[] x, float[] weight, int n, float factor) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector.fromArray(SPECIES, x, i)
                    .mul(factor)
                    .mul(FloatVector.fromArray(SPECIES, weight, i))
                    .intoArray(out, i);
        }
    }
}
