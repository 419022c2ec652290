package io.github.rlhf4j.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.cli.bench.BenchResult;
import io.github.rlhf4j.cli.bench.GenerateBench;
import io.github.rlhf4j.cli.bench.KernelRates;
import io.github.rlhf4j.cli.bench.MachineRates;
import io.github.rlhf4j.cli.bench.Measurement;
import io.github.rlhf4j.cli.bench.StepBench;
import io.github.rlhf4j.cli.terminal.Terminal;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.ModelDirectory;
import io.github.rlhf4j.core.kernels.Compute;
import io.github.rlhf4j.core.kernels.KernelMeter;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.pipeline.model.ModelFolder;
import io.github.rlhf4j.pipeline.model.OpenModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench}: how fast this machine is, and how much of that a model's training step and generation use. */
@Command(
        name = "bench",
        description = "How fast this machine is, and what share of that training and generation reach.",
        subcommands = {BenchCommand.Step.class, BenchCommand.Generate.class, BenchCommand.KernelsAlone.class},
        sortOptions = false)
final class BenchCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Option(names = "--model", paramLabel = "DIR", description = "Also measure generation with this model, briefly.")
    private Optional<Path> model = Optional.empty();

    @Mixin
    private KernelOptions arithmetic = new KernelOptions();

    BenchCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        model.ifPresent(ModelFolder::of); // a wrong path is known before anything is measured
        try (Rlhf4j rlhf4j = arithmetic.engine(terminal)) {
            Kernels kernels = rlhf4j.kernels();
            MachineRates rates = MachineRates.measure(kernels);
            terminal.out().println(kernels.description());
            terminal.out().println(rates.text());
            model.ifPresent(directory -> generation(new KernelMeter(kernels), directory));
        }
        return 0;
    }

    private void generation(KernelMeter meter, Path directory) {
        try (OpenModel open = OpenModel.openLanguageModel(directory, meter.kernels())) {
            int length = Math.min(128, open.transformer().config().maxPositions() - 1);
            for (int batch : new int[] {1, 16}) {
                Measurement measurement = new GenerateBench(batch, 1, length, 0.5).run(open.transformer(), meter);
                terminal.out().println(measurement.headline());
            }
        }
    }

    /** What every measurement takes. */
    private static final class Measuring {
        @Option(names = "--seconds", paramLabel = "S", description = "Measure, and warm up, for that long.")
        private double seconds = 5;

        @Mixin
        private KernelOptions arithmetic = new KernelOptions();

        @Option(names = "--json", description = "One JSON object instead of a table.")
        private boolean json;

        void print(Terminal terminal, Kernels kernels, String model, BenchResult result) throws IOException {
            if (json) {
                Map<String, Object> object = new LinkedHashMap<>();
                object.put("model", model);
                object.put("kernels", kernels.description());
                object.putAll(result.json());
                terminal.out().println(new ObjectMapper().writeValueAsString(object));
            } else {
                terminal.out().println(kernels.description());
                terminal.out().print(result.text());
            }
        }
    }

    /** What measurements of a model take. */
    private static final class Common {
        @Option(names = "--model", required = true, paramLabel = "DIR", description = "A Hugging Face directory.")
        private Path model = Path.of("");

        @Mixin
        private Measuring measuring = new Measuring();

        /** What is measured with an opened model. */
        interface Work {
            Measurement run(OpenModel model, KernelMeter meter);
        }

        int run(Terminal terminal, Work work) throws IOException {
            try (Rlhf4j rlhf4j = measuring.arithmetic.engine(terminal)) {
                return run(terminal, work, rlhf4j.kernels());
            }
        }

        private int run(Terminal terminal, Work work, Kernels kernels) throws IOException {
            KernelMeter meter = new KernelMeter(kernels);
            Measurement measurement;
            try (OpenModel open = OpenModel.openLanguageModel(model, meter.kernels())) {
                measurement = work.run(open, meter);
            }
            measuring.print(terminal, kernels, model.toString(), measurement);
            return 0;
        }

        static void check(OpenModel open, int length, int prompt) {
            int most = open.transformer().config().maxPositions();
            if (length > most || prompt < 0 || prompt >= length) {
                throw new UserError("a sequence of " + length + " tokens, " + prompt
                        + " of them prompt, does not fit: there must be room for both in the model's context of "
                        + most);
            }
        }
    }

    /** {@code bench step}. */
    @Command(name = "step", description = "The training step of SFT.", sortOptions = false)
    static final class Step implements Callable<Integer> {
        private final Terminal terminal;

        @Mixin
        private Common common = new Common();

        @Option(names = "--batch", paramLabel = "N", description = "Sequences of a step.")
        private int batch = 8;

        @Option(names = "--length", paramLabel = "N", description = "Tokens of a sequence.")
        private int length = 128;

        @Option(names = "--prompt", paramLabel = "N", description = "Tokens of a sequence that are not trained on.")
        private int prompt = 1;

        @Option(names = "--gradient-checkpointing", description = "Recompute activations.")
        private boolean checkpointing;

        @Option(
                names = "--compute",
                paramLabel = "TYPE",
                defaultValue = "float32",
                description = "What large products compute with: float32 or bfloat16 (${DEFAULT-VALUE}).")
        private Compute compute = Compute.FLOAT32;

        Step(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws IOException {
            return common.run(terminal, (open, meter) -> {
                Common.check(open, length, prompt);
                if (!meter.kernels().computeWith(compute)) {
                    terminal.warning("this processor or library has no fast bfloat16 products: float32 is measured");
                }
                return new StepBench(batch, length, prompt, checkpointing, common.measuring.seconds)
                        .run(open.transformer(), meter);
            });
        }
    }

    /** {@code bench generate}. */
    @Command(name = "generate", description = "Sampling.", sortOptions = false)
    static final class Generate implements Callable<Integer> {
        private final Terminal terminal;

        @Mixin
        private Common common = new Common();

        @Option(names = "--batch", paramLabel = "N", description = "Sequences.")
        private int batch = 16;

        @Option(
                names = "--samples",
                paramLabel = "N",
                description = "Sequences of each prompt, as group-based methods sample them; default: 1.")
        private int samples = 1;

        @Option(names = "--prompt", paramLabel = "N", description = "Tokens of each prompt.")
        private int prompt = 64;

        @Option(names = "--new", paramLabel = "N", description = "Tokens to generate for each.")
        private int newTokens = 64;

        @Mixin
        private WeightsFlag weights = new WeightsFlag();

        Generate(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws IOException {
            return common.run(terminal, (open, meter) -> {
                Common.check(open, prompt + newTokens, prompt);
                weights.apply(open.transformer());
                return new GenerateBench(batch, samples, prompt, newTokens, common.measuring.seconds)
                        .run(open.transformer(), meter);
            });
        }
    }

    /** {@code bench kernels}. */
    @Command(name = "kernels", description = "Each kernel alone, at a model's shapes.", sortOptions = false)
    static final class KernelsAlone implements Callable<Integer> {
        private static final ModelConfig SMALL = ModelConfig.llama(4096, 256, 688, 6, 8, 8, 512, true);

        private final Terminal terminal;

        @Option(
                names = "--model",
                paramLabel = "DIR",
                description = "Whose shapes; default: a Llama of 5.8 million parameters.")
        private Optional<Path> model = Optional.empty();

        @Mixin
        private Measuring measuring = new Measuring();

        KernelsAlone(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws IOException {
            ModelConfig config = model.map(directory -> ModelConfig.from(
                            ModelDirectory.open(ModelFolder.of(directory)).config()))
                    .orElse(SMALL);
            try (Rlhf4j rlhf4j = measuring.arithmetic.engine(terminal)) {
                KernelRates rates = KernelRates.measure(config, rlhf4j.kernels(), measuring.seconds);
                measuring.print(
                        terminal, rlhf4j.kernels(), model.map(Path::toString).orElse("5.8M"), rates);
            }
            return 0;
        }
    }
}
