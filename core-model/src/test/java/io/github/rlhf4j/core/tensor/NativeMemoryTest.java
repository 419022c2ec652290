package io.github.rlhf4j.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.ref.WeakReference;
import org.junit.jupiter.api.Test;

class NativeMemoryTest {
    private WeakReference<NativeMemory> last = new WeakReference<>(null);

    @Test
    void staysAsLongAsAViewOfATensorDoes() {
        Tensor view = ownersOnlyView();
        System.gc();
        assertThat(last.get()).as("memory of a view in use").isNotNull();
        assertThat(view.get(1, 0)).isEqualTo(7);
        view = Tensor.onHeap(1, 1);
        System.gc();
        assertThat(last.get()).as("memory of nothing").isNull();
        assertThat(view.get(0, 0)).isZero();
    }

    private Tensor ownersOnlyView() {
        NativeMemory memory = new NativeMemory();
        last = new WeakReference<>(memory);
        Tensor tensor = memory.allocate(DataType.FLOAT, 4, 3);
        tensor.set(2, 1, 7);
        return tensor.rows(1, 3).columns(1, 2);
    }

    @Test
    void aMarkGivesBackWhatCameBehindIt() {
        try (NativeMemory memory = new NativeMemory(1 << 16)) {
            Tensor kept = memory.allocate(DataType.FLOAT, 1, 1000);
            NativeMemory.Mark mark = memory.mark();
            long first = memory.allocate(DataType.FLOAT, 1, 30_000).address();
            long bytes = memory.bytes();
            memory.release(mark);
            assertThat(memory.allocate(DataType.FLOAT, 1, 30_000).address()).isEqualTo(first);
            assertThat(memory.bytes()).isEqualTo(bytes);
            assertThat(first % 64).isZero();
            assertThat(kept.address()).isNotEqualTo(first);
        }
    }

    @Test
    void refusesToAllocateOnceClosed() {
        NativeMemory memory = new NativeMemory();
        memory.close();
        assertThatThrownBy(() -> memory.allocate(DataType.FLOAT, 1, 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }
}
