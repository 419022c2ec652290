package io.github.rlhf4j.cli;

import io.github.rlhf4j.cli.terminal.Debug;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The root of the command line. */
@Command(
        name = "rlhf4j",
        description =
                "Post-training of language models on the JVM: pre-training, SFT, reward models, DPO, KTO and PPO.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        usageHelpAutoWidth = true,
        subcommands = {
            InitCommand.class,
            NewCommand.class,
            RunCommand.class,
            ExperimentCommand.class,
            CompareCommand.class,
            GenerateCommand.class,
            ScoreCommand.class,
            TokenizeCommand.class,
            ChatCommand.class,
            ServeCommand.class,
            TinkerCommand.class,
            UiCommand.class,
            InspectCommand.class,
            PlanCommand.class,
            ExportCommand.class,
            BenchCommand.class,
            VerifyCommand.class,
            CompletionCommand.class,
            LabCommand.class,
            SchemaCommand.class,
            HelpCommand.class
        },
        footer = {
            "",
            "Start with: ./rlhf4j run configs/quickstart.yaml",
            "With your own model and data: ./rlhf4j new run rlhf. Keys of a stage: ./rlhf4j help sft.",
            "Exit codes: 0 done; 1 internal error; 2 invalid input; 3 a self-check failed."
        })
final class Rlhf4jCommand {
    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Print stack traces.")
    void debug(boolean on) {
        if (on) {
            Debug.turnOn();
        }
    }
}
