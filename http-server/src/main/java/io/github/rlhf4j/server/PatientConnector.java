package io.github.rlhf4j.server;

import java.io.Closeable;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.IO;
import org.eclipse.jetty.util.thread.Invocable;
import org.jspecify.annotations.Nullable;

/** Closes a connection whose client is silent for too long, but none whose request is there and waits for a thread: Jetty's own closes both. */
final class PatientConnector extends ServerConnector {
    /** Connections that the system keeps until they are taken; its own limit, often as large, holds too. */
    private static final int BACKLOG = 4096;

    private final Limits limits;

    PatientConnector(Server server, HttpConfiguration http, Limits limits) {
        super(server, 1, 1, new HttpConnectionFactory(http));
        this.limits = limits;
        setIdleTimeout(limits.patience().toMillis());
        setAcceptQueueSize(BACKLOG);
    }

    /** Whether so many are connected that new ones soon have to wait for others to go: those that have their answer should make room. */
    boolean isCrowded() {
        return getConnectedEndPoints().size() * 4L >= limits.connections() * 3L;
    }

    @Override
    protected SocketChannelEndPoint newEndPoint(SocketChannel channel, ManagedSelector selector, SelectionKey key) {
        SocketChannelEndPoint made = new Connected(channel, selector, key, this);
        made.setIdleTimeout(getIdleTimeout());
        return made;
    }

    private static final class Connected extends SocketChannelEndPoint {
        private final AtomicInteger waiting = new AtomicInteger(); // what has come and no thread has looked at

        Connected(SocketChannel channel, ManagedSelector selector, SelectionKey key, PatientConnector of) {
            super(channel, selector, key, of.getScheduler());
        }

        @Override
        public @Nullable Runnable onSelected() {
            Runnable task = super.onSelected();
            if (task == null) {
                return null;
            }
            waiting.incrementAndGet();
            return new Waiting(task, waiting);
        }

        @Override
        protected void onIdleExpired(TimeoutException late) {
            if (waiting.get() == 0) {
                super.onIdleExpired(late);
            }
        }
    }

    /** A task of Jetty's, until a thread takes it. */
    private record Waiting(Runnable task, AtomicInteger waiting) implements Invocable.Task, Closeable {
        @Override
        public void run() {
            waiting.decrementAndGet();
            task.run();
        }

        @Override
        public InvocationType getInvocationType() {
            return Invocable.getInvocationType(task);
        }

        @Override
        public void close() {
            if (task instanceof Closeable closeable) {
                IO.close(closeable);
            }
        }
    }
}
