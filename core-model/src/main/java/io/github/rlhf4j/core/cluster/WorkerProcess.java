package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.wire.Blob;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The program of a worker process: reads tasks from its standard input, writes results to its standard output, ends with its driver. {@link ProcessesBackend} starts it; it opens no port.
 */
public final class WorkerProcess {
    private static final long SIGN_OF_LIFE = 1000; // ms

    private final DataInputStream in;
    private final DataOutputStream out;
    private final Map<String, Blob> blobs = new HashMap<>();

    private WorkerProcess(InputStream in, DataOutputStream out) {
        this.in = new DataInputStream(new BufferedInputStream(in, 1 << 16));
        this.out = out;
    }

    /** Called by the driver alone. */
    public static void main(String[] arguments) {
        DataOutputStream out =
                new DataOutputStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16));
        System.setOut(System.err); // what libraries print must not be taken for messages
        ignoreInterrupts();
        int code = 0;
        try {
            new WorkerProcess(System.in, out).serve();
        } catch (IOException e) {
            // the driver has ended
        } catch (Throwable e) {
            System.err.println(e);
            code = 1;
        }
        Runtime.getRuntime().halt(code);
    }

    /** Ctrl-C is the driver's to hear: it lets the step in progress end, which needs its workers. */
    private static void ignoreInterrupts() {
        try { // by reflection, since javac warns of the class
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object nothing = Proxy.newProxyInstance(
                    WorkerProcess.class.getClassLoader(), new Class<?>[] {handler}, (self, method, given) -> null);
            for (String name : List.of("INT", "HUP", "TERM")) {
                signal.getMethod("handle", signal, handler)
                        .invoke(null, signal.getConstructor(String.class).newInstance(name), nothing);
            }
        } catch (ReflectiveOperationException | RuntimeException e) {
            // the signal ends the worker, and the driver starts another
        }
    }

    private void serve() throws IOException {
        WireReader hello = new WireReader(read(Frame.Kind.HELLO).body());
        int threads = hello.getInt();
        int processors = hello.getInt();
        Thread life = new Thread(this::signs, "sign of life");
        life.setDaemon(true);
        life.start();
        Canary canary = Canary.compute();
        try (WorkerRuntime runtime = new WorkerRuntime(threads, processors, BlobStore.of(blobs))) {
            send(Frame.Kind.READY, new WireWriter().putText(canary.digest()).putText(canary.arithmetic()));
            while (true) {
                Frame frame = Frame.read(in);
                switch (frame.kind()) {
                    case BLOB -> receive(new WireReader(frame.body()));
                    case FORGET -> blobs.remove(new WireReader(frame.body()).getText());
                    case TASK -> run(runtime, new WireReader(frame.body()));
                    default -> throw new IOException("unexpected " + frame.kind());
                }
            }
        }
    }

    private Frame read(Frame.Kind kind) throws IOException {
        Frame frame = Frame.read(in);
        if (frame.kind() != kind) {
            throw new IOException("unexpected " + frame.kind());
        }
        return frame;
    }

    private void receive(WireReader announced) throws IOException {
        Blob reference = announced.getReference();
        int count = announced.getInt();
        List<byte[]> chunks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            chunks.add(read(Frame.Kind.CHUNK).body());
        }
        if (!Blob.of(chunks).equals(reference)) {
            throw new IOException("bytes were damaged on their way");
        }
        blobs.put(reference.sha256(), new Blob(reference.sha256(), reference.length(), chunks));
    }

    private void run(WorkerRuntime runtime, WireReader task) throws IOException {
        byte[] header = task.getBytes();
        byte[] input = task.getBytes();
        byte[] result = runtime.run(header, input, units -> {
            try {
                send(Frame.Kind.PROGRESS, new WireWriter().putLong(units));
            } catch (IOException e) {
                throw new IllegalStateException("the driver has ended", e);
            }
        });
        new Frame(Frame.Kind.RESULT, result).write(out);
    }

    private void send(Frame.Kind kind, WireWriter body) throws IOException {
        new Frame(kind, body.bytes()).write(out);
    }

    /** Says every second that this process is there; one that is stopped, or whose machine is, says nothing. */
    private void signs() {
        try {
            while (true) {
                Thread.sleep(SIGN_OF_LIFE);
                Frame.of(Frame.Kind.ALIVE).write(out);
            }
        } catch (IOException e) {
            Runtime.getRuntime().halt(0); // the driver has ended, whatever is being computed
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
