package io.github.rlhf4j.spark;

import io.github.rlhf4j.core.cluster.Canary;
import io.github.rlhf4j.core.cluster.WorkerRuntime;
import io.github.rlhf4j.core.wire.Blob;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.broadcast.Broadcast;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction2;

/** What Spark runs for each piece: its input's bytes in, its result's bytes out, whoever asks and how often. Spark sends it as it sends any function; all that is ours in it is bytes. */
final class SparkPiece extends AbstractFunction2<TaskContext, Iterator<byte[]>, byte[]> implements Serializable {
    private static final long serialVersionUID = 1L;

    private final byte[] header;
    private final HashMap<String, ArrayList<Broadcast<byte[]>>> blobs; // by digest
    private final String canary;
    private final String arithmetic;
    private final int threads;
    private final int processors;

    SparkPiece(
            byte[] header,
            Map<String, ArrayList<Broadcast<byte[]>>> blobs,
            Canary canary,
            int threads,
            int processors) {
        this.header = header;
        this.blobs = new HashMap<>(blobs);
        this.canary = canary.digest();
        this.arithmetic = canary.arithmetic();
        this.threads = threads;
        this.processors = processors;
    }

    @Override
    public byte[] apply(TaskContext context, Iterator<byte[]> pieceOfOne) {
        byte[] input = pieceOfOne.next();
        Canary here = ExecutorWorkers.canary();
        if (!here.digest().equals(canary)) {
            SparkEnv env = SparkEnv.get();
            String who = "executor " + env.executorId() + " on " + env.rpcEnv().address();
            return WorkerRuntime.refusal(new Canary(canary, arithmetic).refusal(who, here));
        }
        return ExecutorWorkers.run(threads, processors, this::blob, header, input);
    }

    private Blob blob(Blob reference) {
        List<Broadcast<byte[]>> chunks = blobs.get(reference.sha256());
        if (chunks == null) {
            throw new IllegalStateException(reference + " did not arrive");
        }
        List<byte[]> bytes = new ArrayList<>();
        chunks.forEach(chunk -> bytes.add(chunk.value()));
        return new Blob(reference.sha256(), reference.length(), bytes);
    }
}
