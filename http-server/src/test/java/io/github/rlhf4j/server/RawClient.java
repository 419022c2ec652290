package io.github.rlhf4j.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Speaks HTTP byte by byte, so that a test can say what no client would. */
final class RawClient {
    private RawClient() {}

    /** The whole answer to some bytes, of a server that closes the connection. */
    static String ask(int port, String request) {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same for a GET with headers, a line each. */
    static String get(int port, String path, String... headers) {
        String host = String.join("\n", headers).contains("Host:") ? "" : "Host: 127.0.0.1:" + port + "\r\n";
        String lines = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
        return ask(port, "GET " + path + " HTTP/1.1\r\n" + host + lines + "Connection: close\r\n\r\n");
    }

    /** The answer to a GET, as a client hears it that would go on asking: the connection stays open until the server closes it, and is added to {@code kept}. */
    static String getAndStay(int port, String path, List<Socket> kept) {
        try {
            Socket socket = new Socket("127.0.0.1", port);
            kept.add(socket);
            socket.setSoTimeout(30_000);
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes(StandardCharsets.UTF_8));
            InputStream in = socket.getInputStream();
            StringBuilder answer = new StringBuilder();
            for (int next = in.read(); next >= 0; next = in.read()) {
                answer.append((char) next);
                if (next == '}') {
                    break; // the whole body
                }
            }
            if (answer.indexOf("Connection: close") >= 0) {
                socket.close();
            }
            return answer.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String post(int port, String path, String body, String... headers) {
        String lines = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
        return ask(
                port,
                "POST " + path + " HTTP/1.1\r\nHost: localhost\r\n" + lines + "Content-Length: "
                        + body.getBytes(StandardCharsets.UTF_8).length + "\r\nConnection: close\r\n\r\n" + body);
    }
}
