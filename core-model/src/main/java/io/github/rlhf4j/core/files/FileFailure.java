package io.github.rlhf4j.core.files;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Objects;

/** Why a file cannot be read or written, in words. */
public final class FileFailure {
    private FileFailure() {}

    /** The reason, without the file's name where Java says it apart: "No space left on device". */
    public static String reason(IOException failure) {
        if (failure instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (failure instanceof NoSuchFileException) {
            return "no such file or folder";
        }
        if (failure instanceof FileSystemException system && system.getReason() != null) {
            return system.getReason();
        }
        if (failure instanceof EOFException && failure.getMessage() == null) {
            return "it ends too early";
        }
        if (failure instanceof FileAlreadyExistsException || failure instanceof NotDirectoryException) {
            return "something else is in its place";
        }
        return Objects.requireNonNullElse(failure.getMessage(), "")
                .lines()
                .findFirst()
                .orElse("");
    }

    /**
     * What a file's failure is, in a line, with the reason where the message does not say it.
     *
     * @param message of the exception that {@code cause} is the cause of
     */
    public static String said(String message, IOException cause) {
        String reason = reason(cause);
        String line = message.lines().findFirst().orElse("");
        if (message.equals(cause.toString())) { // nobody said which file
            return cause instanceof FileSystemException named
                            && named.getFile() != null
                            && !reason.contains(named.getFile())
                    ? named.getFile() + ": " + reason
                    : reason;
        }
        return reason.isEmpty() || line.contains(reason) ? line : line + ": " + reason;
    }
}
