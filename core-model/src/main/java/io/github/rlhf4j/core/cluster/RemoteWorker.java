package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.wire.Blob;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The driver's side of one {@link WorkerProcess}. Used by one thread at a time. */
final class RemoteWorker implements AutoCloseable {
    private static final String CLASS_PATH = "CLASSPATH";

    private final ClusterSettings settings;
    private final Process process;
    private final DataOutputStream out;
    private final BlockingQueue<Frame> frames = new ArrayBlockingQueue<>(1024);
    private final Set<String> there = new HashSet<>(); // digests of what it has
    private volatile String end = "";

    /** What became of the process. */
    static final class Lost extends IOException {
        private static final long serialVersionUID = 1L;

        Lost(String how) {
            super(how);
        }
    }

    private RemoteWorker(ClusterSettings settings, Process process) {
        this.settings = settings;
        this.process = process;
        this.out = new DataOutputStream(new BufferedOutputStream(process.getOutputStream(), 1 << 16));
        Thread reader = new Thread(this::readAll, "worker " + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Starts a process and waits until it is there.
     *
     * @throws Lost where it does not come
     */
    static Started start(ClusterSettings settings) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command()).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put(CLASS_PATH, System.getProperty("java.class.path"));
        RemoteWorker worker = new RemoteWorker(settings, builder.start());
        try {
            worker.send(
                    Frame.Kind.HELLO,
                    new WireWriter().putInt(settings.threads()).putInt(settings.processors()));
            return new Started(
                    worker, canary(ready(worker::next, worker.pid(), settings.startSeconds(), System::nanoTime)));
        } catch (IOException | RuntimeException e) {
            worker.close();
            throw e;
        }
    }

    /** Where frames come from. */
    interface Frames {
        /** The next one, waiting so many seconds at most. */
        Frame next(int seconds) throws IOException;
    }

    /** The first frame that is no sign of life. A process that lives may still never be ready, so all signs together have {@code seconds}. */
    static Frame ready(Frames frames, long pid, int seconds, LongSupplier nanos) throws IOException {
        long begin = nanos.getAsLong();
        Frame frame = frames.next(seconds);
        while (frame.kind() == Frame.Kind.ALIVE) {
            long left = seconds - TimeUnit.NANOSECONDS.toSeconds(nanos.getAsLong() - begin);
            if (left <= 0) {
                throw new Lost("its process " + pid + " lives, but is not ready after " + seconds
                        + " s; cluster.start_timeout waits longer");
            }
            frame = frames.next((int) left);
        }
        return frame;
    }

    /** What a worker says that has come. */
    static Canary canary(Frame ready) throws Lost {
        try {
            WireReader in = new WireReader(ready.body());
            return new Canary(in.getText(), in.getText());
        } catch (IllegalStateException e) {
            throw new Lost("it said " + ready.kind() + ": " + e.getMessage());
        }
    }

    /** How much more a worker says it has done. */
    static long units(Frame progress) throws Lost {
        try {
            return new WireReader(progress.body()).getLong();
        } catch (IllegalStateException e) {
            throw new Lost("it said " + progress.kind() + ": " + e.getMessage());
        }
    }

    /** A worker that has come, with its bytes. */
    record Started(RemoteWorker worker, Canary canary) {}

    /** This Java with its options, but for those that are of this process alone. */
    private static List<String> command() {
        List<String> command = new ArrayList<>();
        command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
        boolean hasModule = false;
        for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            hasModule |= option.contains("jdk.incubator.vector");
            if (!isOfThisProcess(option)) {
                command.add(option);
            }
        }
        if (!hasModule) {
            command.add("--add-modules=jdk.incubator.vector");
        }
        command.add(WorkerProcess.class.getName());
        return command;
    }

    private static boolean isOfThisProcess(String option) {
        return option.startsWith("-agentlib")
                || option.startsWith("-javaagent")
                || option.startsWith("-Drlhf4j.stderr")
                || option.startsWith("-XX:ArchiveClassesAtExit")
                || option.startsWith("-XX:OnOutOfMemoryError")
                || option.startsWith("-Dcom.sun.management");
    }

    private void readAll() {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(process.getInputStream(), 1 << 16))) {
            while (true) {
                frames.put(Frame.read(in));
            }
        } catch (IOException e) {
            end = String.valueOf(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroyForcibly();
        }
    }

    /** Gives it what it lacks. */
    void give(Blob blob) throws IOException {
        if (there.add(blob.sha256())) {
            send(
                    Frame.Kind.BLOB,
                    new WireWriter().putReference(blob).putInt(blob.chunks().size()));
            for (byte[] chunk : blob.chunks()) {
                send(new Frame(Frame.Kind.CHUNK, chunk));
            }
        }
    }

    void forget(Blob blob) {
        if (there.remove(blob.sha256())) {
            try {
                send(Frame.Kind.FORGET, new WireWriter().putText(blob.sha256()));
            } catch (IOException e) {
                process.destroyForcibly(); // whoever asks it next is told
            }
        }
    }

    /**
     * Runs a task on an input.
     *
     * @throws IOException where the process is lost, or has said nothing for too long
     */
    byte[] run(byte[] header, byte[] input, LongConsumer progress) throws IOException {
        send(Frame.Kind.TASK, new WireWriter().putBytes(header).putBytes(input));
        while (true) {
            Frame frame = next(settings.silentSeconds());
            switch (frame.kind()) {
                case ALIVE -> {}
                case PROGRESS -> progress.accept(units(frame));
                case RESULT -> {
                    return frame.body();
                }
                default -> throw new Lost("it said " + frame.kind());
            }
        }
    }

    private void send(Frame.Kind kind, WireWriter body) throws IOException {
        send(new Frame(kind, body.bytes()));
    }

    private void send(Frame frame) throws IOException {
        try {
            frame.write(out);
        } catch (IOException e) {
            throw new Lost(ended(String.valueOf(e.getMessage())));
        }
    }

    /** How the process ended, or what was seen of that. */
    private String ended(String seen) {
        try {
            if (process.waitFor(2, TimeUnit.SECONDS)) {
                return "its process " + process.pid() + " ended with code " + process.exitValue();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return "its process " + process.pid() + " reads no more: " + seen;
    }

    private Frame next(int seconds) throws IOException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        try {
            while (true) {
                @Nullable Frame frame = frames.poll(100, TimeUnit.MILLISECONDS);
                if (frame != null) {
                    return frame;
                }
                if (!process.isAlive() && frames.isEmpty()) {
                    throw new Lost("its process " + process.pid() + " ended with code " + process.waitFor()
                            + (end.isEmpty() ? "" : " (" + end + ")"));
                }
                if (System.nanoTime() > until) {
                    throw new Lost("its process " + process.pid() + " has said nothing for " + seconds + " s");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Lost("interrupted");
        }
    }

    /** Of the process, for messages and tests. */
    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
