package io.github.rlhf4j.datasets.chat;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.jinja.JinjaException;
import io.github.rlhf4j.jinja.JinjaTemplate;
import io.github.rlhf4j.jinja.JinjaTemplate.Rendered;
import java.time.Clock;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A model's Jinja chat template, rendered as transformers' {@code apply_chat_template} does.
 *
 * <p>The text holds the special tokens that it needs, so it is tokenised without adding any. Safe for several threads.
 */
public final class ChatTemplate {
    private static final Pattern GENERATION = Pattern.compile("\\{%-?\\s*generation\\s*-?%\\}");

    private static final String TOOL_USE = "tool_use";

    private final JinjaTemplate template;
    private final boolean marksGeneration;
    private final Map<String, String> specialTokens;

    private ChatTemplate(String source, Map<String, String> specialTokens, Clock clock) {
        this.template = JinjaTemplate.parse(source, clock);
        this.marksGeneration = GENERATION.matcher(source).find();
        this.specialTokens = specialTokens;
    }

    /**
     * Parses a template.
     *
     * @param specialTokens what the template sees as bos_token, eos_token and so on
     * @param clock what a template that prints the date reads
     * @throws UserError if the template is malformed
     */
    public static ChatTemplate parse(String source, Map<String, String> specialTokens, Clock clock) {
        try {
            return new ChatTemplate(source, new LinkedHashMap<>(specialTokens), clock);
        } catch (JinjaException e) {
            throw new UserError("the chat template cannot be used: " + e.getMessage(), e);
        }
    }

    /**
     * The template of a model.
     *
     * @throws UserError if the tokenizer has none, or it is malformed
     */
    public static ChatTemplate of(Tokenizer tokenizer) {
        return of(tokenizer, "", false);
    }

    /**
     * A template of a model, as transformers chooses it.
     *
     * @param chosen the name of one of the model's, or the source of another; empty: the default, or the one for tools
     * @param withTools prefers the model's template {@code tool_use} to the default
     * @throws UserError if there is none, or it is malformed
     */
    public static ChatTemplate of(Tokenizer tokenizer, String chosen, boolean withTools) {
        Map<String, String> named = tokenizer.chatTemplates();
        String source = chosen.isEmpty()
                ? Optional.ofNullable(withTools ? named.get(TOOL_USE) : null)
                        .or(tokenizer::chatTemplate)
                        .orElseThrow(() -> none(named))
                : named.getOrDefault(chosen, chosen);
        return ofSource(tokenizer, source, ZoneId.systemDefault());
    }

    /**
     * A template with the special tokens of a model.
     *
     * @param zone of a date that it prints
     * @throws UserError if it is malformed
     */
    public static ChatTemplate ofSource(Tokenizer tokenizer, String source, ZoneId zone) {
        Map<String, String> specialTokens = new LinkedHashMap<>();
        put(specialTokens, "bos_token", tokenizer.bosId(), tokenizer);
        put(specialTokens, "eos_token", tokenizer.eosId(), tokenizer);
        put(specialTokens, "unk_token", tokenizer.unkId(), tokenizer);
        put(specialTokens, "pad_token", tokenizer.padId(), tokenizer);
        return parse(source, specialTokens, Clock.system(zone));
    }

    private static UserError none(Map<String, String> named) {
        return new UserError(
                named.isEmpty()
                        ? "the model has no chat template: add chat_template.jinja to its directory, or use prompts"
                                + " instead of messages"
                        : "the model has chat templates (" + String.join(", ", named.keySet())
                                + "), but none that is called default: make one of them chat_template.jinja");
    }

    private static void put(Map<String, String> tokens, String name, OptionalInt id, Tokenizer tokenizer) {
        if (id.isPresent()) {
            tokens.put(name, tokenizer.token(id.getAsInt()));
        }
    }

    /** Whether the template itself says with {@code generation} blocks what the assistant says. */
    public boolean marksGeneration() {
        return marksGeneration;
    }

    /**
     * Text of a conversation.
     *
     * @param addGenerationPrompt ends with the beginning of an assistant turn, for the model to go on
     * @throws UserError if the template refuses the conversation
     */
    public String render(List<ChatMessage> messages, boolean addGenerationPrompt) {
        return rendered(messages, addGenerationPrompt).text();
    }

    Rendered rendered(List<ChatMessage> messages, boolean addGenerationPrompt) {
        Map<String, Object> variables = new LinkedHashMap<>();
        variables.put("messages", messages.stream().map(ChatTemplate::toMap).toList());
        return render(variables, addGenerationPrompt);
    }

    private static Map<String, Object> toMap(ChatMessage message) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("role", message.role());
        map.put("content", message.content());
        return map;
    }

    /**
     * Renders with variables as the template knows them: {@code messages} (maps with role, content, tool_calls...),
     * {@code tools}, {@code documents}, and any further ones, which win over special tokens.
     *
     * @throws UserError if the template refuses them
     */
    public Rendered render(Map<String, ?> variables, boolean addGenerationPrompt) {
        Map<String, @Nullable Object> all = new LinkedHashMap<>(specialTokens);
        all.put("tools", null);
        all.put("documents", null);
        all.put("add_generation_prompt", addGenerationPrompt);
        all.putAll(variables);
        try {
            return template.render(all);
        } catch (JinjaException e) {
            throw new UserError("the chat template does not accept this conversation: " + e.getMessage(), e);
        }
    }
}
