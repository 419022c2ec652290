package io.github.rlhf4j.cli;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.inject.Guice;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.optim.LearningRateSchedule;
import io.github.rlhf4j.core.stage.LoopSettings;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.StageRun;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.OptimizerSettings;
import java.net.URL;
import java.util.function.LongFunction;
import picocli.CommandLine.Command;

/** The rules of the design that a compiler cannot hold. */
@AnalyzeClasses(packages = "io.github.rlhf4j", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String ROOT = "io.github.rlhf4j.";
    private static final String FRONT = "io.github.rlhf4j"; // Rlhf4j and what it gives

    @ArchTest
    static final ArchRule STAGES_NEVER_IMPORT_EACH_OTHER = slices().matching(ROOT + "(sft|reward|ppo|dpo|evaluation)..")
            .should()
            .notDependOnEachOther();

    /** Files are data: none makes an object by Java's serialisation. */
    @ArchTest
    static final ArchRule NOTHING_IS_DESERIALISED = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + "testing..")
            .should()
            .dependOnClassesThat()
            .haveNameMatching("java\\.io\\.Object(Input|Output)Stream|java\\.beans\\.XML.*");

    /** A class is named by the class path, by a page of the lab that is on it or beside it, and by no other file. */
    @ArchTest
    static final ArchRule NO_FILE_NAMES_A_CLASS = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(ROOT + "lab.LabRun")
            .and()
            .doNotHaveFullyQualifiedName(ROOT + "cli.terminal.Interrupts") // sun.misc.Signal
            .and()
            .doNotHaveFullyQualifiedName(ROOT + "core.cluster.WorkerProcess") // the same
            .should()
            .callMethodWhere(target(nameMatching("forName|loadClass|defineClass"))
                    .and(target(owner(type(Class.class).or(assignableTo(ClassLoader.class))))));

    /** What opens a connection or listens: the client of the servers that a run file names, MLflow's and Prometheus' trackers, and our server. No library is asked to. */
    @ArchTest
    static final ArchRule FEW_TALK_TO_OTHERS = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT + "http..", ROOT + "server..", ROOT + "testing..")
            .and()
            .haveNameNotMatching("io\\.github\\.rlhf4j\\.tracking\\.(MlflowClient|MetricsPage)(\\$.*)?")
            .should()
            .dependOnClassesThat()
            .haveNameMatching(
                    "java\\.net\\.(http\\..*|.*Socket|.*URLConnection)|java\\.nio\\.channels\\..*(Socket|Datagram)Channel"
                            + "|com\\.sun\\.net\\..*|org\\.eclipse\\.jetty\\..*|org\\.jsoup\\.(Connection|helper\\.HttpConnection).*"
                            + "|org\\.netpreserve\\.jwarc\\.net\\..*")
            .orShould()
            .callMethodWhere(target(nameMatching("openStream|openConnection")).and(target(owner(type(URL.class)))))
            .orShould()
            .callMethodWhere(target(nameMatching("connect|fetch"))
                    .and(target(owner(nameMatching("org\\.jsoup\\.Jsoup|org\\.netpreserve\\.jwarc\\.WarcWriter")))));

    @ArchTest
    static final ArchRule MODULES_HAVE_NO_CYCLES =
            slices().matching(ROOT + "(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule PACKAGES_OF_DATASETS_HAVE_NO_CYCLES =
            slices().assignedFrom(new PackagesOfDatasets()).should().beFreeOfCycles();

    /** Each package below datasets, and datasets itself. */
    private static final class PackagesOfDatasets implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
            String name = javaClass.getPackageName();
            return name.startsWith(ROOT + "datasets") ? SliceIdentifier.of(name) : SliceIdentifier.ignore();
        }

        @Override
        public String getDescription() {
            return "packages of datasets";
        }
    }

    @ArchTest
    static final ArchRule THE_CORE_SEES_NOTHING_ABOVE_IT = noClasses()
            .that()
            .resideInAPackage(ROOT + "core..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    ROOT + "datasets..",
                    ROOT + "jinja..",
                    ROOT + "world..",
                    ROOT + "sft..",
                    ROOT + "reward..",
                    ROOT + "rollout..",
                    ROOT + "ppo..",
                    ROOT + "dpo..",
                    ROOT + "evaluation..");

    @ArchTest
    static final ArchRule DATASETS_SEE_NO_STAGE = noClasses()
            .that()
            .resideInAPackage(ROOT + "datasets..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    ROOT + "world..",
                    ROOT + "sft..",
                    ROOT + "reward..",
                    ROOT + "rollout..",
                    ROOT + "ppo..",
                    ROOT + "dpo..",
                    ROOT + "evaluation..");

    @ArchTest
    static final ArchRule ROLL_OUTS_SEE_NO_STAGE = noClasses()
            .that()
            .resideInAPackage(ROOT + "rollout..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    ROOT + "world..",
                    ROOT + "sft..",
                    ROOT + "reward..",
                    ROOT + "ppo..",
                    ROOT + "dpo..",
                    ROOT + "evaluation..");

    @ArchTest
    static final ArchRule THE_PIPELINE_IS_ABOVE_ALL = noClasses()
            .that()
            .resideOutsideOfPackages(FRONT, ROOT + "pipeline..", ROOT + "experiment..", ROOT + "web..", ROOT + "cli..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(FRONT, ROOT + "pipeline..", ROOT + "cli..");

    @ArchTest
    static final ArchRule THE_COMMAND_LINE_IS_A_CLIENT_OF_THE_FACADE = noClasses()
            .that()
            .resideInAPackage(ROOT + "cli..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    ROOT + "pipeline.run..",
                    ROOT + "sft..",
                    ROOT + "reward..",
                    ROOT + "ppo..",
                    ROOT + "dpo..",
                    ROOT + "evaluation..",
                    "com.google.inject..");

    @ArchTest
    static final ArchRule COMMANDS_ARE_IN_ONE_PACKAGE = classes()
            .that()
            .areAnnotatedWith(Command.class)
            .should()
            .resideInAPackage(ROOT + "cli")
            .andShould()
            .notBePublic();

    @ArchTest
    static final ArchRule AN_OPTIMISER_STEP_KNOWS_NO_STAGE = noClasses()
            .that()
            .resideInAPackage(ROOT + "core.train..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ROOT + "core.stage..");

    @ArchTest
    static final ArchRule STAGES_TRAIN_BY_THE_STAGE_LOOP = noClasses()
            .that()
            .resideInAnyPackage(
                    ROOT + "sft..",
                    ROOT + "reward..",
                    ROOT + "ppo..",
                    ROOT + "dpo..",
                    ROOT + "rollout..",
                    ROOT + "evaluation..")
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(LoopSettings.class, StageRun.class)
            .orShould()
            .callConstructor(
                    ModelTrainer.class,
                    Transformer.class,
                    double.class,
                    LearningRateSchedule.class,
                    OptimizerSettings.class,
                    CounterRandom.class)
            .orShould()
            .callMethod(
                    StageContext.class, "train", LoopSettings.class, LongFunction.class, StageContext.Evaluation.class);

    @ArchTest
    static final ArchRule THE_MATHS_KNOWS_NO_TENSORS_FILES_OR_CONFIG =
            noClasses().that(areMaths()).should().dependOnClassesThat(areTensorsFilesOrConfigs());

    @ArchTest
    static void theMathsIsFound(JavaClasses all) {
        assertThat(all.that(areMaths()).stream().map(JavaClass::getSimpleName))
                .contains("GeneralizedAdvantage", "GroupAdvantage", "BestOfN", "BradleyTerry", "ScoreNormalizer")
                .contains("PpoLoss", "PpoObjective", "KlEstimator", "KlController", "SigmoidLoss", "KWiseLoss");
    }

    @ArchTest
    static final ArchRule KERNELS_AND_TENSORS_ARE_AT_THE_BOTTOM = noClasses()
            .that()
            .resideInAnyPackage(ROOT + "core.tensor..", ROOT + "core.kernels..", ROOT + "core.math..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    ROOT + "core.model..",
                    ROOT + "core.train..",
                    ROOT + "core.stage..",
                    ROOT + "core.files..",
                    ROOT + "core.generation..");

    @ArchTest
    static final ArchRule THE_CONTRACT_OF_KERNELS_KNOWS_NO_IMPLEMENTATION = noClasses()
            .that()
            .resideInAPackage(ROOT + "core.kernels")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    ROOT + "core.kernels.cpu..",
                    ROOT + "core.kernels.nd4j..",
                    ROOT + "core.kernels.reference..",
                    ROOT + "core.kernels.conformance..");

    @ArchTest
    static final ArchRule IMPLEMENTATIONS_OF_KERNELS_HAVE_NO_CYCLES =
            slices().matching(ROOT + "core.kernels.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule RUNS_KNOW_NOTHING_OF_HOW_KERNELS_ARE_COMPARED = noClasses()
            .that()
            .resideInAnyPackage(ROOT + "core.kernels.cpu..", ROOT + "core.kernels.nd4j..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ROOT + "core.kernels.conformance..");

    /** Public only because kernels have packages of their own. */
    @ArchTest
    static final ArchRule WHAT_KERNELS_SHARE_IS_THEIRS_ALONE = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + "core.kernels..")
            .should()
            .dependOnClassesThat(
                    DescribedPredicate.describe(
                            "only kernels share",
                            type -> type.getPackageName().startsWith(ROOT + "core.kernels")
                                    && type.getName()
                                            .matches(
                                                    ".*\\.(Shapes|KeyWalk|QueryBlocks|ReferenceDecode|KernelRun|Scenarios)(\\$.*)?")));

    @ArchTest
    static final ArchRule ONE_PLACE_MAKES_THE_INJECTOR = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(ROOT + "Assembly")
            .and()
            .resideOutsideOfPackage(ROOT + "testing..")
            .should()
            .dependOnClassesThat()
            .areAssignableTo(Guice.class);

    @ArchTest
    static final ArchRule ONE_PLACE_ENDS_THE_PROCESS = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(ROOT + "cli.Main")
            .should()
            .callMethod(System.class, "exit", int.class);

    @ArchTest
    static final ArchRule CONFIGS_ARE_RECORDS = classes()
            .that()
            .resideInAnyPackage(ROOT + "sft..", ROOT + "reward..", ROOT + "ppo..", ROOT + "dpo..")
            .and()
            .haveSimpleNameEndingWith("Config")
            .should()
            .beRecords()
            .allowEmptyShould(true);

    /** Losses, advantages and controllers: what one could check with a pencil. */
    private static DescribedPredicate<JavaClass> areMaths() {
        return DescribedPredicate.describe(
                "are losses, objectives, advantages or controllers",
                type -> type.getPackageName().matches("io\\.github\\.rlhf4j\\.(sft|reward|rollout|ppo|dpo)(\\..*)?")
                        && type.getSimpleName()
                                .matches(
                                        ".*(Loss|Losses|Objective|Advantage|Gradient|Gradients|Divergence|Estimator|Controller|Whitening|Shaping|Normalizer"
                                                + "|Experience|Aggregation|Statistics|Difference|ImportanceWeights|BestOfN|BradleyTerry)"));
    }

    private static DescribedPredicate<JavaClass> areTensorsFilesOrConfigs() {
        return DescribedPredicate.describe(
                "are tensors, models, files or configs",
                type -> type.getPackageName()
                                        .matches(
                                                "io\\.github\\.rlhf4j\\.core\\.(tensor|kernels|model|files|generation)(\\..*)?")
                                && !type.getSimpleName().equals("TokenSequence")
                                && !type.getFullName().startsWith("io.github.rlhf4j.core.kernels.LogitStatistics")
                        || type.getPackageName().startsWith("java.nio.file")
                        || type.getPackageName().equals("java.io") && !type.isAssignableTo(java.io.Serializable.class)
                        || type.getSimpleName().endsWith("Config"));
    }
}
