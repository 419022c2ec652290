import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.generation.GenerationRequest;
import io.github.rlhf4j.core.generation.Generator;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.kernels.CpuKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.optim.LearningRateSchedule;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.NextTokenLoss;
import io.github.rlhf4j.core.train.OptimizerSettings;
import io.github.rlhf4j.core.train.Term;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** What {@code bench step} and {@code bench generate} do, once for each line of standard input; answers with the milliseconds. See pair.py. */
final class Work {
    private Work() {}

    /** @param args step or generate, model, sequences, prompt tokens, length of a sequence or new tokens, rows of a micro-batch or 0 */
    public static void main(String[] args) throws Exception {
        int[] numbers = Arrays.stream(args).skip(2).mapToInt(Integer::parseInt).toArray();
        Transformer model = Transformer.load(Path.of(args[1]), Set.of(Head.LANGUAGE), new CpuKernels());
        Runnable work = args[0].equals("step")
                ? step(model, numbers[0], numbers[1], numbers[2], numbers[3])
                : generate(model, numbers[0], numbers[1], numbers[2]);
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in));
        while (requests.readLine() != null) {
            long start = System.nanoTime();
            work.run();
            System.out.println((System.nanoTime() - start) / 1e6);
        }
        System.exit(0); // threads of kernels
    }

    private static Runnable step(Transformer model, int sequences, int prompt, int length, int microBatchTokens) {
        List<List<TokenSequence>> examples = new ArrayList<>();
        for (int i = 0; i < sequences; i++) {
            examples.add(List.of(TokenSequence.completion(ids(model, i, length), prompt)));
        }
        OptimizerSettings settings = new OptimizerSettings(0.9, 0.999, 1e-8, 0, 1, microBatchTokens, false, 0);
        ModelTrainer trainer =
                new ModelTrainer(model, 1e-5, new LearningRateSchedule.Constant(), settings, CounterRandom.of(0));
        NextTokenLoss loss = new NextTokenLoss(-1);
        return () -> trainer.optimize(List.of(Term.of(examples, loss)));
    }

    private static Runnable generate(Transformer model, int sequences, int prompt, int newTokens) {
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < sequences; i++) {
            requests.add(new GenerationRequest(ids(model, i, prompt), 1, CounterRandom.of(i).derive("sampling")));
        }
        SamplingOptions options =
                SamplingOptions.sampling(1, newTokens, new int[0]).ignoringStops();
        Generator generator = new Generator(model);
        return () -> generator.generate(requests, options);
    }

    private static int[] ids(Transformer model, int sequence, int length) {
        CounterRandom random = CounterRandom.of(sequence);
        int[] ids = new int[length];
        Arrays.setAll(ids, j -> random.below(j, model.config().vocabSize()));
        return ids;
    }
}
