package io.github.rlhf4j.core.kernels;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** Where a step that should allocate nothing does: for the message of a test that fails in one process of many. */
public final class AllocationSites {
    private static final String EVENT = "jdk.ObjectAllocationInNewTLAB";
    private static final int SITES = 6;

    private AllocationSites() {}

    /** The most frequent places while the step runs so many times. */
    public static String of(Runnable step, int times) {
        try (Recording recording = new Recording()) {
            recording.enable(EVENT).withStackTrace();
            recording.start();
            for (int i = 0; i < times; i++) {
                step.run();
            }
            recording.stop();
            Path file = Files.createTempFile("allocations", ".jfr");
            try {
                recording.dump(file);
                return mostFrequent(RecordingFile.readAllEvents(file));
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String mostFrequent(List<RecordedEvent> events) {
        return events.stream()
                .filter(event -> event.getStackTrace() != null)
                .collect(groupingBy(AllocationSites::site, counting()))
                .entrySet()
                .stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .limit(SITES)
                .map(site -> site.getValue() + " times " + site.getKey())
                .collect(joining("; "));
    }

    /** The class of the object, and the innermost method of ours with its line. */
    private static String site(RecordedEvent event) {
        return event.getClass("objectClass").getName() + " in "
                + event.getStackTrace().getFrames().stream()
                        .filter(frame -> frame.getMethod().getType().getName().startsWith("io.github.rlhf4j."))
                        .findFirst()
                        .map(frame -> frame.getMethod().getType().getName() + "."
                                + frame.getMethod().getName() + ":" + frame.getLineNumber())
                        .orElse("Java");
    }
}
