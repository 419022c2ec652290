import io.github.rlhf4j.core.generation.Generator;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.cli.bench.GenerateBench;
import io.github.rlhf4j.cli.bench.StepBench;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;

/** What {@code bench step} and {@code bench generate} measure, once for each line of standard input; answers with the milliseconds. See pair.py. */
final class Work {
    private Work() {}

    /** @param args step or generate, model, sequences, prompt tokens, length of a sequence or new tokens */
    public static void main(String[] args) throws Exception {
        int[] numbers = Arrays.stream(args).skip(2).mapToInt(Integer::parseInt).toArray();
        Transformer model = Transformer.load(Path.of(args[1]), Set.of(Head.LANGUAGE), new CpuKernels());
        Runnable work = work(args[0], model, numbers[0], numbers[1], numbers[2]);
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in));
        while (requests.readLine() != null) {
            long start = System.nanoTime();
            work.run();
            System.out.println((System.nanoTime() - start) / 1e6);
        }
    }

    private static Runnable work(String kind, Transformer model, int sequences, int prompt, int length) {
        if (kind.equals("generate")) {
            return new GenerateBench(sequences, prompt, length, 0).work(model, new Generator(model));
        }
        StepBench bench = new StepBench(sequences, length, prompt, false, 0);
        return bench.work(model, bench.trainer(model));
    }
}
