package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.pipeline.config.RunFile;
import io.github.rlhf4j.pipeline.run.RunPlan;
import io.github.rlhf4j.testing.damage.Nasty;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Run files with random damage: each is planned or refused with lines for the user, and none ends in another exception. */
class RunFileMutationTest {
    private static final int MUTANTS = 300;
    private static final String RUN = """
            name: m
            seed: 7
            x-limit: &limit {limit: 40}
            stages:
              new:
                type: pretrain
                architecture: {hidden_size: 16, intermediate_size: 32, num_hidden_layers: 1, num_attention_heads: 2, max_position_embeddings: 192}
                tokenizer: {vocab_size: 300}
                dataset: {path: 'synthetic:pretrain', <<: *limit}
                max_steps: 2
                batch_size: 4
              sft: {type: sft, model: new, dataset: {path: 'synthetic:demonstrations', <<: *limit}, learning_rate: 1e-3, eval_fraction: 0.2, save_steps: 5, save_total_limit: 2}
              reward: {type: reward, model: sft, dataset: {path: 'synthetic:rankings', limit: 40}, lr_scheduler_type: cosine_with_min_lr, min_lr_rate: 0.1}
              dpo: {type: dpo, model: sft, dataset: {path: 'synthetic:rankings', limit: 40}, loss_type: [sigmoid, ipo], loss_weights: [1, 0.5], beta: 0.1, max_length: 64}
              kto: {type: kto, model: sft, dataset: {path: 'synthetic:rankings', limit: 40}, desirable_weight: 1.2}
              ppo: {type: ppo, model: sft, reward_model: reward, value_model: reward, dataset: {path: 'synthetic:prompts', limit: 40}, batch_size: 8, num_mini_batches: 2, response_length: 16}
              evaluate: {type: evaluate, models: [sft, dpo, ppo/ema], dataset: {path: 'synthetic:eval_prompts', limit: 20}, reward_model: reward}
              toy: {type: toy, model: dpo, rate: 0.5, trouble: none}
            """;
    private static final List<String> NASTY = Stream.concat(
                    Nasty.TEXT.stream(),
                    Stream.of(
                            "[[[[[[[[[[[[[[[[[[[[[[[[x",
                            "<<",
                            "!!float x",
                            "\ud83d",
                            "a:b",
                            "$dataset",
                            "$nope",
                            "ppo",
                            "sft/value_model",
                            "ppo/x",
                            "part",
                            "fractions: {train: 2}",
                            "columns: {a: b}",
                            "pretrain",
                            "evaluate",
                            "cosine",
                            "model",
                            "reward_model",
                            "x-y",
                            "cache"))
            .toList();

    @TempDir
    Path folder;

    @Test
    void everyMutantIsPlannedOrRefusedInLinesForTheUser() throws IOException {
        Map<String, Stage<?>> types = Engine.open(Console.SILENT).stages();
        CounterRandom random = CounterRandom.of(20261127);
        List<String> failures = new ArrayList<>();
        int planned = 0;
        for (int i = 0; i <= MUTANTS; i++) {
            String text = RUN;
            CounterRandom draws = random.derive("mutant").derive(i);
            for (int change = 0; i > 0 && change <= pick(draws, 90, 2); change++) {
                text = text.isBlank() ? text : mutate(text, draws.derive(change));
            }
            Path file = Files.writeString(folder.resolve("run.yaml"), text.replace("\ud83d", "?"));
            try {
                RunPlan.of(RunFile.read(file, List.of("output_dir=" + folder.resolve("runs"))), types)
                        .table();
                planned++;
            } catch (UserError e) {
                if (String.valueOf(e.getMessage()).isBlank()) {
                    failures.add(i + ": no message");
                }
            } catch (RuntimeException | StackOverflowError e) {
                failures.add(i + ": " + e + " at "
                        + List.of(e.getStackTrace()).subList(0, Math.min(4, e.getStackTrace().length)));
            }
        }
        assertThat(failures).isEmpty();
        assertThat(planned).isBetween(MUTANTS / 50, MUTANTS * 9 / 10); // neither hopeless nor harmless
    }

    /** One change: a word or a character for something nasty, a line left out, doubled or moved, an end cut off. */
    private static String mutate(String text, CounterRandom draws) {
        String nasty = NASTY.get(pick(draws, 0, NASTY.size()));
        int place = pick(draws, 1, text.length());
        List<String> lines = new ArrayList<>(text.lines().toList());
        int line = pick(draws, 2, lines.size());
        switch (pick(draws, 3, 8)) {
            case 0 -> {
                return text.substring(0, place) + nasty + text.substring(place);
            }
            case 1 -> {
                return text.substring(0, place);
            }
            case 2 -> lines.subList(line, Math.min(lines.size(), line + 1)).clear();
            case 3 ->
                lines.addAll(
                        pick(draws, 4, lines.size()),
                        List.copyOf(lines.subList(line, Math.min(lines.size(), line + 1))));
            case 4 -> {
                return text.substring(0, place)
                        + text.substring(Math.min(text.length(), place + 1 + pick(draws, 5, 5)));
            }
            default -> { // a value or a key
                List<int[]> words = new ArrayList<>();
                java.util.regex.Matcher matcher =
                        java.util.regex.Pattern.compile("[A-Za-z0-9_.:/-]+").matcher(text);
                while (matcher.find()) {
                    words.add(new int[] {matcher.start(), matcher.end()});
                }
                if (words.isEmpty()) {
                    return text;
                }
                int[] word = words.get(pick(draws, 6, words.size()));
                return text.substring(0, word[0]) + nasty + text.substring(word[1]);
            }
        }
        return String.join("\n", lines) + "\n";
    }

    private static int pick(CounterRandom draws, int what, int choices) {
        if (choices == 0) {
            return 0;
        }
        return (int) ((draws.bits(what) >>> 1) % choices);
    }
}
