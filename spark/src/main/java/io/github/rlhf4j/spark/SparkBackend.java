package io.github.rlhf4j.spark;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.cluster.Backend;
import io.github.rlhf4j.core.cluster.Canary;
import io.github.rlhf4j.core.cluster.ClusterSettings;
import io.github.rlhf4j.core.wire.Blob;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.resource.ResourceProfile;
import scala.reflect.ClassTag;

/**
 * Workers that are executors of Apache Spark. A piece is a task, bytes that many pieces need are broadcast once, in chunks, and results are put into the order of the pieces. Spark gives a lost piece to another executor and may compute a slow
 * one twice (spark.speculation); since tasks are pure that changes no byte.
 */
public final class SparkBackend implements Backend {
    private final ClusterSettings settings;
    private final JavaSparkContext spark;
    private final Canary canary = Canary.compute();
    private final Map<String, ArrayList<Broadcast<byte[]>>> sent = new LinkedHashMap<>(); // by digest

    /**
     * Connects, and waits for the first executor.
     *
     * @throws UserError where the master is not reached
     */
    public SparkBackend(ClusterSettings settings) {
        this.settings = settings;
        Masters.requireReachable(settings.master(), settings.startSeconds());
        try {
            spark = new JavaSparkContext(SparkSettings.of(settings));
        } catch (Exception e) { // Spark's checked ones are not declared
            throw new UserError("cluster: Spark cannot start on " + settings.master() + ": " + firstLine(e), e);
        }
        try {
            awaitExecutor();
        } catch (RuntimeException e) {
            spark.close();
            throw e;
        }
    }

    private static String firstLine(Throwable thrown) {
        return String.valueOf(thrown.getMessage()).lines().findFirst().orElse("");
    }

    private void awaitExecutor() {
        if (SparkSettings.isInThisProcess(settings.master())) {
            return;
        }
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(settings.startSeconds());
        while (spark.sc().isStopped() || spark.statusTracker().getExecutorInfos().length < 2) { // the driver is one
            if (spark.sc().isStopped() || System.nanoTime() > until) {
                throw new UserError("cluster: no executor of " + settings.master() + " came within "
                        + settings.startSeconds()
                        + " s: is the master there, and has it a worker with a free core and enough"
                        + " memory (cluster.conf: {spark.executor.memory: 1g})? cluster.start_timeout waits longer");
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while Spark starts", e);
            }
        }
    }

    @Override
    public List<byte[]> run(Work work, LongConsumer progress) {
        Map<String, ArrayList<Broadcast<byte[]>>> needed = new HashMap<>();
        work.blobs().forEach(blob -> needed.put(blob.sha256(), broadcast(blob)));
        spark.setJobDescription(
                work.name() + " (" + work.inputs().size() + (work.inputs().size() == 1 ? " piece)" : " pieces)"));
        SparkPiece piece = new SparkPiece(work.header(), needed, canary, settings.threads(), settings.processors());
        Results results = new Results(work.inputs().size(), progress);
        try {
            spark.sc()
                    .runJob(
                            spark.parallelize(work.inputs(), work.inputs().size())
                                    .rdd(),
                            piece,
                            results,
                            ClassTag.apply(byte[].class));
            return results.all();
        } catch (Exception e) { // Spark's checked ones are not declared
            if (e instanceof SparkException || spark.sc().isStopped()) {
                throw new UserError(
                        "cluster: Spark gave up " + work.name() + ": " + firstLine(e)
                                + "; its page and logs say more, and --resume continues",
                        e);
            }
            throw e;
        }
    }

    private ArrayList<Broadcast<byte[]>> broadcast(Blob blob) {
        return sent.computeIfAbsent(blob.sha256(), digest -> {
            ArrayList<Broadcast<byte[]>> chunks = new ArrayList<>();
            blob.chunks().forEach(chunk -> chunks.add(spark.broadcast(chunk)));
            return chunks;
        });
    }

    @Override
    public int workers() {
        if (spark.sc().isStopped()) {
            return 1;
        }
        ResourceProfile each = spark.sc().resourceProfileManager().defaultResourceProfile(); // spark.task.cpus of cores
        return Math.max(1, spark.sc().maxNumConcurrentTasks(each));
    }

    @Override
    public void forget(Blob blob) {
        List<Broadcast<byte[]>> chunks = sent.remove(blob.sha256());
        if (chunks != null && !spark.sc().isStopped()) {
            chunks.forEach(Broadcast::destroy);
        }
    }

    @Override
    public String description() {
        String page = spark.sc().uiWebUrl().isDefined()
                ? ", its page: " + spark.sc().uiWebUrl().get()
                : "";
        return "Spark " + spark.version() + page;
    }

    @Override
    public void close() {
        spark.close();
        ExecutorWorkers.close();
    }
}
