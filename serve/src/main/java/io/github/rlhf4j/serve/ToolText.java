package io.github.rlhf4j.serve;

import java.util.ArrayList;
import java.util.List;

/** Divides what a model writes into text and calls of tools, as it comes. What looks like a call and is none stays text. */
final class ToolText {
    private final ToolFormat format;
    private final StringBuilder held = new StringBuilder();
    private final List<ToolCall> fresh = new ArrayList<>();
    private boolean isCall; // what is held
    private String mark = ""; // the text that the call began with
    private boolean isBegin = true; // whether nothing but white space has come
    private int calls;

    ToolText(ToolFormat format) {
        this.format = format;
        this.isCall = format == ToolFormat.LIST;
    }

    /** The token that a call begins with has come, which is in no text. */
    String begin() {
        String before = isCall ? closed("") : shown(rest());
        mark = "";
        isCall = true;
        return before;
    }

    /** Takes more text; what can be shown of it. */
    String push(String text) {
        if (format == ToolFormat.TEXT || format == ToolFormat.ARGUMENTS) {
            return text;
        }
        held.append(text);
        StringBuilder show = new StringBuilder();
        while (isCall ? closes(show) : opens(show)) {}
        return show.toString();
    }

    /** The end; the rest. */
    String finish() {
        return isCall ? closed("") : shown(rest());
    }

    private String rest() {
        String rest = held.toString();
        held.setLength(0);
        return rest;
    }

    /** Shows text up to a call; whether one begins. */
    private boolean opens(StringBuilder show) {
        if (format == ToolFormat.LLAMA && isBegin) {
            String begun = held.toString().stripLeading();
            if (begun.isEmpty()) {
                return false;
            }
            if (begun.startsWith("{")) {
                mark = "";
                isCall = true;
                return true;
            }
        }
        String begin = format.begin();
        int at = held.indexOf(begin);
        if (at >= 0) {
            show.append(shown(held.substring(0, at)));
            held.delete(0, at + begin.length());
            mark = begin;
            isCall = true;
            return true;
        }
        int keep = 0;
        for (int length = Math.min(begin.length() - 1, held.length()); length > keep; length--) {
            keep = begin.startsWith(held.substring(held.length() - length)) ? length : keep;
        }
        show.append(shown(held.substring(0, held.length() - keep)));
        held.delete(0, held.length() - keep);
        return false;
    }

    /** Takes a call that has come whole; whether there may be more. */
    private boolean closes(StringBuilder show) {
        int at = format.end().isEmpty() ? -1 : held.indexOf(format.end());
        if (at < 0) {
            return false;
        }
        String after = held.substring(at + format.end().length());
        held.setLength(at);
        show.append(closed(format.end()));
        held.append(after);
        isCall = false;
        return true;
    }

    /** What is held is a call, or several, or text after all. */
    private String closed(String end) {
        String text = rest();
        List<ToolCall> found = ToolCall.parse(text);
        fresh.addAll(found);
        calls += found.size();
        isBegin = false;
        return found.isEmpty() ? mark + text + end : "";
    }

    /** White space around calls is nothing to show. */
    private String shown(String text) {
        isBegin &= text.isBlank();
        return calls > 0 && text.isBlank() ? "" : text;
    }

    /** Whether a call has come since the last call of {@link #takeFresh}. */
    boolean hasFresh() {
        return !fresh.isEmpty();
    }

    /** The calls that have come since the last call of this. */
    List<ToolCall> takeFresh() {
        List<ToolCall> taken = List.copyOf(fresh);
        fresh.clear();
        return taken;
    }

    /** Calls so far. */
    int calls() {
        return calls;
    }

    ToolFormat format() {
        return format;
    }
}
