package io.github.rlhf4j.core.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DifferenceTypeTest {
    private static final int COUNT = 600;

    private final float[] start = draws("start", 1);
    private final float[] end = moved();

    private static float[] draws(String name, double scale) {
        CounterRandom random = CounterRandom.of(3).derive(name);
        float[] values = new float[COUNT];
        for (int i = 0; i < COUNT; i++) {
            values[i] = (float) (scale * random.gaussian(i));
        }
        return values;
    }

    private float[] moved() {
        float[] moves = draws("moves", 1e-3);
        for (int i = 0; i < COUNT; i++) {
            moves[i] += start[i];
        }
        return moves;
    }

    private double[] sent(DifferenceType type, float[] residual) {
        ByteBuffer bytes = ByteBuffer.allocate(type.bytes(COUNT));
        type.write(start, end, residual, COUNT, bytes);
        assertThat(bytes.remaining()).isZero();
        double[] sum = new double[COUNT];
        type.addTo(sum, start, COUNT, bytes.flip());
        return sum;
    }

    @Test
    void float32LosesNothing() {
        double[] sum = sent(DifferenceType.FLOAT32, new float[COUNT]);
        for (int i = 0; i < COUNT; i++) {
            assertThat(sum[i]).isEqualTo((double) start[i] - end[i]);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BFLOAT16", "INT8"})
    void whatIsLostIsTheResidualAndComesWithTheNextDifferences(DifferenceType type) {
        float[] residual = new float[COUNT];
        double[] total = new double[COUNT];
        int rounds = 50;
        for (int round = 0; round < rounds; round++) {
            double[] sum = sent(type, residual);
            for (int i = 0; i < COUNT; i++) {
                total[i] += sum[i];
            }
        }
        for (int i = 0; i < COUNT; i++) {
            double exact = (double) start[i] - end[i];
            // all that was sent and what is still held back is all that there was
            assertThat(total[i] + residual[i]).isCloseTo(rounds * exact, within(1e-7));
            assertThat((double) residual[i]).isCloseTo(0, within(type == DifferenceType.INT8 ? 2.5e-5 : 1.5e-5));
        }
    }

    @Test
    void sizesAreThoseOfTheDocumentation() {
        assertThat(DifferenceType.FLOAT32.bytes(600)).isEqualTo(2400);
        assertThat(DifferenceType.BFLOAT16.bytes(600)).isEqualTo(1200);
        assertThat(DifferenceType.INT8.bytes(600)).isEqualTo(600 + 3 * 4);
    }

    @Test
    void noDifferenceIsNone() {
        for (DifferenceType type : DifferenceType.values()) {
            ByteBuffer bytes = ByteBuffer.allocate(type.bytes(COUNT));
            type.write(start, start, new float[COUNT], COUNT, bytes);
            double[] sum = new double[COUNT];
            type.addTo(sum, start, COUNT, bytes.flip());
            assertThat(sum).containsOnly(0);
        }
    }

    @Test
    void theOuterStepIsNesterovsInPyTorchsForm() {
        // torch.optim.SGD([w], lr=0.7, momentum=0.9, nesterov=True), gradients 0.5, then -0.25, of w = 1:
        // v = 0.5, w = 1 - 0.7 (0.5 + 0.45) = 0.335; v = 0.45 - 0.25 = 0.2, w = 0.335 - 0.7 (-0.25 + 0.18) = 0.384
        float[] weights = {1};
        float[] velocity = {0};
        OuterOptimizer outer = new OuterOptimizer(0.7, 0.9);
        double squares =
                outer.stepInPlace(weights, velocity, new double[] {1}, 2, 1); // the mean of two replicas is 0.5
        assertThat(squares).isEqualTo(0.25);
        assertThat(weights[0]).isCloseTo(0.335f, within(1e-7f));
        outer.stepInPlace(weights, velocity, new double[] {-0.5}, 2, 1);
        assertThat(weights[0]).isCloseTo(0.384f, within(1e-7f));
        assertThat(velocity[0]).isCloseTo(0.2f, within(1e-7f));
    }
}
