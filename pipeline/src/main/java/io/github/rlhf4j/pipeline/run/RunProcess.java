package io.github.rlhf4j.pipeline.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The process that works in a run's folder, or has, as its file .process tells: how far the run is, and whether somebody is still at it. Wishes of others, such as a stop, are files in the folder too, which the run looks for after each
 * step.
 *
 * @param started when the process did, by the system's account
 * @param begun when the run did
 * @param stages of the run, in its order
 * @param stage the one at work or the last that was; empty before the first
 * @param step done of it
 * @param steps of it; 0 where it has none
 * @param message why it ended, of one that stopped or failed
 */
public record RunProcess(
        long pid,
        Instant started,
        Instant begun,
        State state,
        List<String> stages,
        String stage,
        String type,
        long step,
        long steps,
        String message) {
    static final String FILE = ".process";
    static final String STOP = ".stop";
    static final String CHECKPOINT = ".checkpoint";

    private static final Duration CLOCK = Duration.ofSeconds(2); // the system's account of a start moves with its clock

    /** How a run is. */
    public enum State {
        /** At work. */
        RUNNING,
        /** It has ended as it should. */
        DONE,
        /** It was asked to stop, and can be resumed. */
        STOPPED,
        /** It has failed. */
        FAILED,
        /** Its process has ended without a word: killed, or the machine went down. */
        KILLED
    }

    /** What the run's folder tells; empty where an older version has made it, or no process has begun yet. */
    public static Optional<RunProcess> of(Path run) {
        return StageFolder.readJson(run.resolve(FILE))
                .filter(JsonNode::isObject)
                .map(RunProcess::read);
    }

    private static RunProcess read(JsonNode tree) {
        List<String> stages = new ArrayList<>();
        tree.path("stages").forEach(stage -> stages.add(stage.asText()));
        RunProcess process = new RunProcess(
                tree.path("pid").asLong(),
                Instant.ofEpochMilli(tree.path("started").asLong()),
                Instant.ofEpochMilli(tree.path("begun").asLong()),
                state(tree.path("state").asText()),
                List.copyOf(stages),
                tree.path("stage").asText(),
                tree.path("type").asText(),
                tree.path("step").asLong(),
                tree.path("steps").asLong(),
                tree.path("message").asText());
        return process.state == State.RUNNING && !process.isAlive() ? process.with(State.KILLED) : process;
    }

    /** What the file has, for {@link #of}. */
    Map<String, Object> tree() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("pid", pid);
        tree.put("started", started.toEpochMilli());
        tree.put("begun", begun.toEpochMilli());
        tree.put("state", state.name().toLowerCase(Locale.ROOT));
        tree.put("stages", stages);
        tree.put("stage", stage);
        tree.put("type", type);
        tree.put("step", step);
        tree.put("steps", steps);
        tree.put("message", message);
        return tree;
    }

    private static State state(String name) {
        for (State state : State.values()) {
            if (state.name().equalsIgnoreCase(name)) {
                return state;
            }
        }
        return State.KILLED;
    }

    private RunProcess with(State other) {
        return new RunProcess(pid, started, begun, other, stages, stage, type, step, steps, message);
    }

    private boolean isAlive() {
        return ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .map(process -> process.info()
                        .startInstant()
                        .map(instant -> Duration.between(instant, started).abs().compareTo(CLOCK) <= 0)
                        .orElse(true))
                .orElse(false);
    }

    /**
     * Asks the run to stop after its step, with a checkpoint.
     *
     * @throws UserError when none is at work there
     */
    public static void askToStop(Path run) {
        ask(run, STOP);
    }

    /**
     * Asks the run for a checkpoint after its step.
     *
     * @throws UserError when none is at work there
     */
    public static void askForCheckpoint(Path run) {
        ask(run, CHECKPOINT);
    }

    /** Leaves the wish that whoever works in a folder stops, now or soon, on this machine or another. */
    public static void leaveStop(Path run) {
        try {
            if (Files.isDirectory(run)) {
                Files.createFile(run.resolve(STOP));
            }
        } catch (IOException e) {
            // it is there, or the disk is full: then the run goes on
        }
    }

    private static void ask(Path run, String wish) {
        if (of(run).filter(process -> process.state() == State.RUNNING).isEmpty()) {
            throw new UserError("no process is at work in " + run);
        }
        try {
            Files.createFile(run.resolve(wish));
        } catch (FileAlreadyExistsException e) {
            // it is asked already
        } catch (IOException e) {
            throw new UserError("cannot write to " + run + ": " + e.getMessage(), e);
        }
    }
}
