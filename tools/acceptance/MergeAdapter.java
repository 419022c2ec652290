import io.github.rlhf4j.core.files.WeightFormat;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** Merges an adapter into its model. Use: MergeAdapter MODEL ADAPTER OUT */
public final class MergeAdapter {
    public static void main(String[] arguments) {
        Path base = Path.of(arguments[0]);
        try (CpuKernels kernels = new CpuKernels(1);
                Transformer model = Transformer.load(base, Set.of(Head.LANGUAGE), kernels)) {
            model.loadAdapter(Path.of(arguments[1]));
            model.mergeAdapter();
            model.save(Path.of(arguments[2]), Optional.of(base), WeightFormat.DEFAULT);
        }
    }
}
