package io.github.rlhf4j.web.commands;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.web.Json;
import java.util.List;

/** Runs a command of the program in this process and keeps what it prints. */
@FunctionalInterface
public interface ProgramCommand {
    /** Runs it; arguments as on the command line, the command's name first. */
    Outcome run(List<String> arguments);

    /**
     * What came out.
     *
     * @param code as of the process
     * @param result what was asked for
     * @param messages everything else
     */
    record Outcome(int code, String result, String messages) {
        private static final String COLOURS = "\u001B\\[[0-9;]*[A-Za-z]";
        private static final String REDRAWN = "(?m)^[^\n]*\r(?!\n)"; // a progress line is rewritten in place

        /** For a page: without what a terminal would take for commands. */
        public ObjectNode json() {
            return Json.object().put("code", code).put("result", plain(result)).put("messages", plain(messages));
        }

        private static String plain(String text) {
            return text.replaceAll(COLOURS, "").replaceAll(REDRAWN, "").strip();
        }
    }
}
