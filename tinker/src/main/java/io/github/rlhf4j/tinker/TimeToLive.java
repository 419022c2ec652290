package io.github.rlhf4j.tinker;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.UserError;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** A request's {@code ttl_seconds}: after that time what is saved goes by itself. */
final class TimeToLive {
    private static final String KEY = "ttl_seconds";
    private static final long LEAST = Duration.ofHours(1).toSeconds();
    private static final long MOST = Duration.ofDays(3653).toSeconds(); // ten years

    private TimeToLive() {}

    /** When that will be; empty where the request says nothing, or null: never. */
    static Optional<Instant> of(JsonNode request, Store store) {
        JsonNode seconds = request.path(KEY);
        if (seconds.isMissingNode() || seconds.isNull()) {
            return Optional.empty();
        }
        if (!seconds.isIntegralNumber() || seconds.asLong() < LEAST || seconds.asLong() > MOST) {
            throw new UserError(KEY + " must be a whole number of seconds in " + LEAST + ", an hour, .. " + MOST
                    + ", ten years, or null, but is " + seconds);
        }
        return Optional.of(store.in(seconds.asLong()));
    }
}
