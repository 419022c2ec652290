package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.Tensor;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link Kernels#fingerprint}: two polynomials of the elements' bits in each lane, then of lanes, rows' chunks and tiles in order. */
final class Fingerprint implements Parallel.TileBody {
    private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
    private static final int LANES = VectorMath.LANES;
    private static final long FACTOR = 0x9E3779B97F4A7C15L;

    private final Parallel parallel;
    private final Workspace[] workspaces;
    private final TensorChunks chunks = new TensorChunks();
    private final int[][] lanes; // for each thread: both polynomials
    private long[] partial = new long[0];

    Fingerprint(Parallel parallel, Workspace[] workspaces) {
        this.parallel = parallel;
        this.workspaces = workspaces;
        lanes = new int[workspaces.length][2 * LANES];
    }

    long of(Tensor x) {
        int tiles = chunks.cut(x);
        if (partial.length < tiles) {
            partial = new long[tiles];
        }
        parallel.forEachTile(tiles, this);
        long print = 0;
        for (int tile = 0; tile < tiles; tile++) {
            print = mix(print, partial[tile]);
        }
        return print;
    }

    @Override
    public void run(int tile, int worker) {
        long print = 0;
        int[] sums = lanes[worker];
        for (int chunk = chunks.first(tile); chunk < chunks.end(tile); chunk++) {
            float[] x = chunks.load(workspaces[worker], chunk);
            polynomials(sums, x, chunks.length(chunk));
            for (int lane = 0; lane < LANES; lane++) {
                print = mix(print, (long) sums[lane] << 32 | sums[LANES + lane] & 0xFFFFFFFFL);
            }
        }
        partial[tile] = print;
    }

    private static long mix(long print, long more) {
        return Long.rotateLeft((print ^ more) * FACTOR, 29);
    }

    private static void polynomials(int[] sums, float[] x, int n) {
        IntVector first = FloatVector.zero(SPECIES).reinterpretAsInts();
        IntVector second = first;
        for (int i = 0; i < n; i += LANES) {
            IntVector bits = FloatVector.fromArray(SPECIES, x, i).reinterpretAsInts();
            first = first.mul(0x01000193).add(bits);
            second = second.mul(0x5BD1E995).add(bits);
        }
        first.intoArray(sums, 0);
        second.intoArray(sums, LANES);
    }
}
