/**
 * RLHF4J for Java programs: training runs and the models that they make. Start at {@link io.github.rlhf4j.Rlhf4j}.
 *
 * <pre>{@code
 * try (Rlhf4j rlhf4j = Rlhf4j.create()) {
 *     Run run = rlhf4j.stage("sft").model(Path.of("SmolLM2-135M")).dataset(Path.of("mine.jsonl")).run();
 *     try (LanguageModel model = run.model()) {
 *         System.out.println(model.generate("The capital of France is"));
 *     }
 * }
 * }</pre>
 */
@NullMarked
package io.github.rlhf4j;

import org.jspecify.annotations.NullMarked;
