package io.github.rlhf4j.core.math;

import static org.bytedeco.openblas.global.openblas.LAPACKE_dgesdd;
import static org.bytedeco.openblas.global.openblas_nolapack.blas_get_num_threads;
import static org.bytedeco.openblas.global.openblas_nolapack.blas_set_num_threads;

import java.util.Arrays;

/**
 * A matrix's leading factors, in double: the best that r columns and rows can do, or the first steps of an elimination.
 *
 * @param left (rows, r), row after row
 * @param right (r, columns), row after row
 * @param r how many there are
 */
@SuppressWarnings("ArrayRecordComponent")
public record LeadingFactors(double[] left, double[] right, int r) {
    private static final int ROW_MAJOR = 101;

    /**
     * The first r singular values and vectors, {@code U sqrt(S)} and {@code sqrt(S) V^T}. On one thread, so that its bits do not depend on how many there are.
     *
     * @param matrix (rows, columns), row after row; overwritten
     * @param r at most the smaller of rows and columns
     */
    public static LeadingFactors singular(double[] matrix, int rows, int columns, int r) {
        int all = Math.min(rows, columns);
        check(r, all);
        double[] values = new double[all];
        double[] u = new double[Math.multiplyExact(rows, all)];
        double[] v = new double[Math.multiplyExact(all, columns)];
        int threads = blas_get_num_threads();
        blas_set_num_threads(1);
        try {
            int info =
                    LAPACKE_dgesdd(ROW_MAJOR, (byte) 'S', rows, columns, matrix, columns, values, u, all, v, columns);
            if (info != 0) {
                throw new ArithmeticException("the singular values of a weight were not found (" + info + ")");
            }
        } finally {
            blas_set_num_threads(threads);
        }
        double[] left = new double[rows * r];
        double[] right = new double[r * columns];
        for (int k = 0; k < r; k++) {
            double root = Math.sqrt(values[k]);
            for (int i = 0; i < rows; i++) {
                left[i * r + k] = u[i * all + k] * root;
            }
            for (int j = 0; j < columns; j++) {
                right[k * columns + j] = v[k * columns + j] * root;
            }
        }
        return new LeadingFactors(left, right, r);
    }

    /**
     * The first r columns of Q and the first r rows of R of the QR decomposition, by Householder's reflections, with LAPACK's signs.
     *
     * @param matrix (rows, columns), row after row; overwritten
     * @param r at most the smaller of rows and columns
     */
    public static LeadingFactors orthogonal(double[] matrix, int rows, int columns, int r) {
        check(r, Math.min(rows, columns));
        double[][] reflectors = new double[r][];
        for (int k = 0; k < r; k++) {
            reflectors[k] = reflector(matrix, rows, columns, k);
            reflect(reflectors[k], matrix, rows, columns, k, k);
        }
        double[] right = Arrays.copyOf(matrix, r * columns);
        for (int k = 0; k < r; k++) {
            Arrays.fill(right, k * columns, k * columns + k, 0);
        }
        double[] left = new double[rows * r];
        for (int k = 0; k < r; k++) {
            left[k * r + k] = 1;
        }
        for (int k = r - 1; k >= 0; k--) {
            reflect(reflectors[k], left, rows, r, k, 0);
        }
        return new LeadingFactors(left, right, r);
    }

    /** The vector v, of rows k and on, with {@code I - 2 v v^T} taking column k to a multiple of the k-th unit vector. */
    private static double[] reflector(double[] matrix, int rows, int columns, int k) {
        double[] v = new double[rows];
        double squares = 0;
        for (int i = k; i < rows; i++) {
            v[i] = matrix[i * columns + k];
            squares += v[i] * v[i];
        }
        double norm = Math.sqrt(squares);
        double below = squares - v[k] * v[k];
        if (norm == 0 || below == 0) {
            return new double[rows]; // nothing to do
        }
        v[k] += Math.copySign(norm, v[k]);
        double length = Math.sqrt(below + v[k] * v[k]);
        for (int i = k; i < rows; i++) {
            v[i] /= length;
        }
        return v;
    }

    /** Applies a reflection to the columns from {@code firstColumn} on. */
    private static void reflect(double[] v, double[] matrix, int rows, int columns, int from, int firstColumn) {
        double[] dots = new double[columns];
        for (int i = from; i < rows; i++) {
            for (int j = firstColumn; j < columns; j++) {
                dots[j] += v[i] * matrix[i * columns + j];
            }
        }
        for (int i = from; i < rows; i++) {
            for (int j = firstColumn; j < columns; j++) {
                matrix[i * columns + j] -= 2 * v[i] * dots[j];
            }
        }
    }

    private static void check(int r, int most) {
        if (r < 1 || r > most) {
            throw new IllegalArgumentException("r must be in 1 .. " + most + ", but is " + r);
        }
    }
}
