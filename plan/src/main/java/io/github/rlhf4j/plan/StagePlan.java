package io.github.rlhf4j.plan;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.model.LoraConfig;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.tensor.WeightType;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A stage of a run, planned from its keys. Tokens are the most that its steps can hold, each sequence of full length.
 *
 * @param name of the stage
 * @param type of the stage
 * @param model its shape
 * @param memory what training the model takes; empty where nothing is trained
 * @param bytes of the whole stage, other models and sampling too, with the program's own
 * @param tokens most tokens of the training; empty where epochs decide, or nothing is trained
 * @param length most tokens of a sequence
 */
public record StagePlan(
        String name,
        String type,
        ModelConfig model,
        Optional<MemoryHere> memory,
        OptionalLong bytes,
        OptionalLong tokens,
        int length) {
    /** Of a stage that trains. */
    public static StagePlan training(String name, String type, ModelConfig model, Keys keys) {
        int length = (int) Math.min(keys.maxLength().orElse(model.maxPositions()), model.maxPositions());
        long sequences = keys.batchSize().orElse(1) * keys.sequences();
        MemoryHere memory = MemoryHere.of(
                model,
                keys.adapter(),
                keys.weights(),
                keys.checkpointing(),
                sequences * length,
                length,
                (int) keys.microBatchTokens().orElse(0),
                Runtime.getRuntime().availableProcessors());
        OptionalLong tokens = keys.maxSteps().isPresent()
                ? OptionalLong.of(keys.maxSteps().getAsLong() * sequences * length)
                : OptionalLong.empty();
        OptionalLong bytes = OptionalLong.of(
                keys.bytes().isPresent() ? memory.program() + keys.bytes().getAsLong() : memory.total());
        return new StagePlan(name, type, model, Optional.of(memory), bytes, tokens, length);
    }

    /** Of a stage that uses the model alone. */
    public static StagePlan using(String name, String type, ModelConfig model) {
        return new StagePlan(
                name, type, model, Optional.empty(), OptionalLong.empty(), OptionalLong.empty(), model.maxPositions());
    }

    /**
     * The keys of a stage that count.
     *
     * @param sequences of one row: 2 of a pair
     * @param bytes of all that the stage holds, without the program's own; empty: of the trained model alone
     */
    public record Keys(
            Optional<LoraConfig> adapter,
            WeightType weights,
            boolean checkpointing,
            OptionalLong batchSize,
            int sequences,
            OptionalLong maxLength,
            OptionalLong maxSteps,
            OptionalLong microBatchTokens,
            OptionalLong bytes) {}

    private PlanSubject subject() {
        return PlanSubject.of(name, model);
    }

    private double flops() {
        PlanSubject subject = subject();
        Flops of = new Flops(subject.shape().orElseThrow(), subject.parameters(), length);
        return (double) of.forward() + of.backward();
    }

    /** The head of the table of stages. */
    public static String head() {
        return String.format(
                Locale.ROOT,
                "%-18s %-14s %12s %10s %10s %10s %12s",
                "stage",
                "type",
                "parameters",
                "memory",
                "tokens",
                "FLOPs",
                "time");
    }

    /** The line below the table. */
    public static String foot() {
        return "parameters of a mixture of experts: all/active; tokens, FLOPs and time are the most there can be, each row of full length; \"-\": nothing is trained, epochs of the data decide, or no --hardware";
    }

    /** A row of the table. */
    public String row(Optional<Hardware> hardware) {
        boolean known = tokens.isPresent();
        return String.format(
                Locale.ROOT,
                "%-18s %-14s %12s %10s %10s %10s %12s",
                name,
                type,
                parameters(),
                bytes.isPresent() ? Units.bytes(bytes.getAsLong()) : "-",
                known ? Units.rounded(tokens.getAsLong()) : "-",
                known ? Units.scientific(flops() * tokens.getAsLong()) : "-",
                known && hardware.isPresent() ? Units.time(seconds(hardware.get())) : "-");
    }

    /** All, and where a token does not meet all of them those that it meets. */
    private String parameters() {
        long total = subject().parameters().total();
        long active = subject().parameters().active();
        return Units.rounded(total) + (active < total ? "/" + Units.rounded(active) : "");
    }

    private double seconds(Hardware hardware) {
        return flops() * tokens.orElseThrow() / hardware.reached(Precision.FLOAT32);
    }

    /** The same for programs. */
    public ObjectNode json(Optional<Hardware> hardware) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        PlanSubject subject = subject();
        json.put("type", type);
        ObjectNode parameters = json.putObject("parameters");
        parameters.put("total", subject.parameters().total());
        parameters.put("active", subject.parameters().active());
        json.put("length", length);
        json.put("flops_per_token", flops());
        memory.ifPresent(of -> {
            ObjectNode parts = json.putObject("memory");
            parts.put("weights", of.weights());
            parts.put("trained", of.trained());
            parts.put("replicas", of.replicas());
            parts.put("activations", of.activations());
            parts.put("model", of.total());
            parts.put("total", bytes.orElseThrow());
        });
        tokens.ifPresent(most -> {
            json.put("most_tokens", most);
            json.put("most_flops", flops() * most);
            hardware.ifPresent(of -> json.put("seconds", seconds(of)));
        });
        return json;
    }
}
