package io.github.rlhf4j.serve;

import io.github.rlhf4j.core.tokenizer.Tokenizer;

/** How a model writes calls of tools, as its chat template shows. */
enum ToolFormat {
    /** Hermes, Qwen and SmolLM: {@code <tool_call>{"name": ..., "arguments": {...}}</tool_call>}. */
    HERMES("<tool_call>", "</tool_call>"),
    /** Mistral: {@code [TOOL_CALLS][{"name": ..., "arguments": {...}}]}. */
    MISTRAL("[TOOL_CALLS]", ""),
    /** Llama 3: an answer that is {@code {"name": ..., "parameters": {...}}}, after {@code <|python_tag|>} or without it. */
    LLAMA("<|python_tag|>", ""),
    /** An answer that is a list of calls: what {@code tool_choice: required} holds a model to. */
    LIST("", ""),
    /** An answer that is the arguments of a call: what a named {@code tool_choice} holds a model to. */
    ARGUMENTS("", ""),
    /** None: calls are text as any other. */
    TEXT("", "");

    private final String begin;
    private final String end;

    ToolFormat(String begin, String end) {
        this.begin = begin;
        this.end = end;
    }

    /** What a call begins with; empty: with the answer. */
    String begin() {
        return begin;
    }

    /** What a call ends with; empty: with the answer. */
    String end() {
        return end;
    }

    /** That of a model. */
    static ToolFormat of(Tokenizer tokenizer) {
        for (String template : tokenizer.chatTemplates().values()) {
            if (template.contains(HERMES.begin)) {
                return HERMES;
            }
            if (template.contains(MISTRAL.begin)) {
                return MISTRAL;
            }
            if (template.contains(LLAMA.begin) || template.contains("\"parameters\": dictionary")) {
                return LLAMA;
            }
        }
        return TEXT;
    }
}
