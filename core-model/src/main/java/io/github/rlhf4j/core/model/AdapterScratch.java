package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Memory that the layers of an adapter use in turn. */
final class AdapterScratch implements AutoCloseable {
    private final ActivationBuffer low; // (N, R): A x
    private final ActivationBuffer dLow; // (N, R)
    private final ActivationBuffer originLow; // (N, R): of what B A was at first
    private final ActivationBuffer input; // (N, inputs): with dropout
    private final ActivationBuffer output; // (N, outputs): with DoRA
    private final ActivationBuffer dOutput; // (N, outputs): with DoRA
    private final ActivationBuffer sum; // (N, outputs): with DoRA
    private @Nullable AdapterPart dLowOf; // whose gradient is in dLow, to be taken once more

    AdapterScratch(DataType type, AdapterLayout layout) {
        low = new ActivationBuffer(type, layout.widest());
        dLow = new ActivationBuffer(type, layout.widest());
        originLow = new ActivationBuffer(type, layout.widest());
        input = new ActivationBuffer(type, layout.mostInputs());
        output = new ActivationBuffer(type, layout.mostOutputs());
        dOutput = new ActivationBuffer(type, layout.mostOutputs());
        sum = new ActivationBuffer(type, layout.mostOutputs());
    }

    Tensor low(int rows, int ranks) {
        return low.rows(rows).columns(0, ranks);
    }

    Tensor dLow(int rows, int ranks) {
        return dLow.rows(rows).columns(0, ranks);
    }

    Tensor originLow(int rows, int ranks) {
        return originLow.rows(rows).columns(0, ranks);
    }

    /** Whether the gradient there is this part's, which is then used up; otherwise it will be. */
    boolean takesDLow(AdapterPart part) {
        boolean isThere = dLowOf == part;
        dLowOf = isThere ? null : part;
        return isThere;
    }

    void forgetDLow() {
        dLowOf = null;
    }

    Tensor input(int rows, int columns) {
        return input.rows(rows).columns(0, columns);
    }

    Tensor output(int rows, int columns) {
        return output.rows(rows).columns(0, columns);
    }

    Tensor dOutput(int rows, int columns) {
        return dOutput.rows(rows).columns(0, columns);
    }

    Tensor sum(int rows, int columns) {
        return sum.rows(rows).columns(0, columns);
    }

    private List<ActivationBuffer> all() {
        return List.of(low, dLow, originLow, input, output, dOutput, sum);
    }

    long bytes() {
        return all().stream().mapToLong(ActivationBuffer::bytes).sum();
    }

    @Override
    public void close() {
        all().forEach(ActivationBuffer::close);
    }
}
