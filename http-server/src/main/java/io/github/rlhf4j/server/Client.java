package io.github.rlhf4j.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;

/**
 * The other end of a connection. While a request is answered nobody reads from the connection, so nobody would hear that the client has closed it: this looks. What a client sends before it has its answer is lost, so the connection
 * then ends with the answer.
 */
final class Client {
    private final EndPoint endPoint;
    private final Object transport;
    private boolean gone;
    private boolean hasSent;

    Client(Request request) {
        this.endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        this.transport = endPoint.getTransport();
    }

    /** Whether it has closed the connection. */
    synchronized boolean isGone() {
        if (!gone && !hasSent && transport instanceof SocketChannel channel) {
            try {
                int read = channel.isOpen() ? channel.read(ByteBuffer.allocate(1)) : -1;
                gone = read < 0;
                hasSent = read > 0;
            } catch (IOException e) {
                gone = true;
            }
        }
        return gone;
    }

    /** Whether the connection cannot be used for another request. */
    synchronized boolean hasSent() {
        return hasSent;
    }

    /** Closes the connection where it cannot be used for another request. */
    void endIfSent() {
        if (hasSent()) {
            endPoint.close();
        }
    }
}
