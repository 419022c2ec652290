package io.github.rlhf4j.cli;

import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.cli.terminal.Terminal;
import io.github.rlhf4j.cli.verify.ArithmeticChecks;
import io.github.rlhf4j.cli.verify.FolderChecks;
import io.github.rlhf4j.cli.verify.Verification;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.KernelsFactory;
import io.github.rlhf4j.core.stage.SelfCheckFailure;
import io.github.rlhf4j.pipeline.model.GivenModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code verify}: whether this machine computes what it should, and a model's folder is whole. */
@Command(
        name = "verify",
        description = "Check the arithmetic on this machine, and a model's folder, in about a minute: a line a check.",
        sortOptions = false)
final class VerifyCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Option(names = "--model", paramLabel = "DIR", description = "Also check this model's folder.")
    private Optional<Path> model = Optional.empty();

    @Mixin
    private AdapterFlag adapter = new AdapterFlag();

    @Mixin
    private KernelOptions arithmetic = new KernelOptions();

    VerifyCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        if (model.isEmpty() && adapter.folder().isPresent()) {
            throw new UserError("--adapter needs --model, the model that it is for");
        }
        Optional<GivenModel> folder = model.map(
                given -> GivenModel.of(given, adapter.folder())); // a wrong path is known before anything is checked
        try (Rlhf4j rlhf4j = arithmetic.engine(terminal)) {
            verify(rlhf4j.kernels(), rlhf4j.kernelsFactory(), folder);
        }
        return 0;
    }

    private void verify(Kernels kernels, KernelsFactory factory, Optional<GivenModel> folder) throws IOException {
        terminal.out().println(kernels.description());
        Verification verification = new Verification(terminal.out()::println);
        Path temporary = Files.createTempDirectory("rlhf4j-verify-");
        try {
            new ArithmeticChecks(kernels, factory, temporary).run(verification);
            folder.ifPresent(given -> new FolderChecks(given, kernels, factory, temporary).run(verification));
        } finally {
            AtomicFiles.delete(temporary);
        }
        if (verification.failures() > 0) {
            throw new SelfCheckFailure(verification.failures() + " of " + verification.checks()
                    + " checks failed: do not trust results on this machine");
        }
        terminal.out().println("all " + verification.checks() + " checks hold");
    }
}
