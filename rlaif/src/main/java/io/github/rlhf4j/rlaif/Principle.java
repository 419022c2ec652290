package io.github.rlhf4j.rlaif;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import com.fasterxml.jackson.annotation.JsonCreator;

/**
 * A principle of a constitution, as the two requests that Bai et al. make of it.
 *
 * @param critique what the critic is asked about the last answer
 * @param revision how it is asked to rewrite the answer
 */
public record Principle(String critique, String revision) {
    public Principle {
        checkConfig(!critique.isBlank(), "critique", "empty", "must be a request for a critique");
        checkConfig(!revision.isBlank(), "revision", "empty", "must be a request for a revision");
    }

    /** A principle in one sentence, of which the requests are made. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static Principle of(String principle) {
        checkConfig(!principle.isBlank(), "constitution", "empty", "must name principles, none of them empty");
        return new Principle(
                "Identify specific ways in which the assistant's last response does not follow this principle: "
                        + principle.strip(),
                "Please rewrite the assistant's response so that it follows this principle, and write the response alone: "
                        + principle.strip());
    }
}
