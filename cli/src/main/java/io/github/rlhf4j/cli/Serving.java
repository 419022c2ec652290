package io.github.rlhf4j.cli;

import io.github.rlhf4j.cli.terminal.Interrupts;
import io.github.rlhf4j.cli.terminal.Terminal;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.server.WebServer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** What the commands that serve other programs have in common: whom they answer, and how they end. */
final class Serving {
    private Serving() {}

    static void check(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new UserError(option + " must be in " + least + " .. " + most + ", but is " + value);
        }
    }

    /**
     * Answers those who bring a key; without one, this machine alone.
     *
     * @param key where the key is
     */
    static WebServer.Builder guarded(WebServer.Builder web, String host, KeyFlags key) {
        Optional<String> wanted = key.read();
        if (wanted.isPresent()) {
            return web.token(wanted.get()).anyHost();
        }
        if (!web.isLoopback()) {
            throw new UserError(
                    "--host " + host
                            + " lets other machines ask: give --api-key-env NAME or --api-key-file FILE, where the key is that they must bring");
        }
        return web;
    }

    /**
     * Waits for a signal that ends the program, then stops the server; the next signal ends it at once.
     *
     * @param grace seconds that running requests may take
     * @return the exit code
     */
    static int untilSignal(Terminal terminal, int grace, Consumer<Duration> stop) throws InterruptedException {
        CountDownLatch received = new CountDownLatch(1);
        AtomicInteger code = new AtomicInteger();
        Interrupts.handleEnds(itsCode -> {
            if (!code.compareAndSet(0, itsCode)) {
                Main.end(itsCode);
            }
            received.countDown();
        });
        received.await();
        terminal.line("rlhf4j: running requests may finish, for at most " + grace + " s; once more stops at once");
        stop.accept(Duration.ofSeconds(grace));
        return code.get();
    }
}
