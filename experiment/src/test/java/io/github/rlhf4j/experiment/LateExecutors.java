package io.github.rlhf4j.experiment;

import io.github.rlhf4j.core.cluster.Backend;
import io.github.rlhf4j.core.cluster.BackendFactory;
import io.github.rlhf4j.core.cluster.BlobStore;
import io.github.rlhf4j.core.cluster.ClusterSettings;
import io.github.rlhf4j.core.cluster.WorkerRuntime;
import io.github.rlhf4j.core.wire.Blob;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/** Answers to the master {@code yarn} as Spark does whose second executor comes when the first has work. The first two runs wait for each other. */
public final class LateExecutors implements BackendFactory {
    @Override
    public boolean accepts(String master) {
        return master.equals("yarn");
    }

    @Override
    public Backend open(ClusterSettings settings) {
        CountDownLatch begun = new CountDownLatch(2);
        return new Backend() {
            @Override
            public List<byte[]> run(Work work, LongConsumer progress) {
                begun.countDown();
                try {
                    if (!begun.await(60, TimeUnit.SECONDS)) {
                        throw new IllegalStateException("no second run begins");
                    }
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                try (WorkerRuntime worker =
                        new WorkerRuntime(settings.threads(), settings.processors(), BlobStore.of(Map.of()))) {
                    return work.inputs().stream()
                            .map(input -> worker.run(work.header(), input, progress))
                            .toList();
                }
            }

            @Override
            public int workers() {
                return begun.getCount() == 2 ? 1 : 2;
            }

            @Override
            public void forget(Blob blob) {}

            @Override
            public String description() {
                return "executors that come late";
            }

            @Override
            public void close() {}
        };
    }
}
