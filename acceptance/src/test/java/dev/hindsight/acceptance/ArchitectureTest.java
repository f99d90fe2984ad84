package dev.hindsight.acceptance;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The direction of dependencies (docs/ARCHITECTURE.md, module map). Each rule says why it is one. */
class ArchitectureTest {
    private static final String MODEL = "dev.hindsight.model..";
    private static final String CODEC = "dev.hindsight.codec..";
    private static final String SYNTHESIS = "dev.hindsight.synthesis..";
    private static final String ORACLE = "dev.hindsight.oracle..";
    private static final String REPOSITORY = "dev.hindsight.repository..";
    private static final String ENGINE = "dev.hindsight.engine..";
    private static final String CLUSTER = "dev.hindsight.cluster..";
    private static final String AGENT = "dev.hindsight.agent..";
    private static final String AGENT_API = "dev.hindsight.agent.api..";
    private static final String HTTP = "dev.hindsight.http..";
    private static final String OPERATIONS = "dev.hindsight.operations..";
    private static final String SERVER = "dev.hindsight.server..";
    private static final String LAB = "dev.hindsight.lab..";
    private static final String CLI = "dev.hindsight.cli..";
    private static final String TESTKIT = "dev.hindsight.testkit..";
    private static final String BENCH = "dev.hindsight.bench..";

    private static JavaClasses product;

    @BeforeAll
    static void read() {
        product = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                // Tests of other modules come as jars, which that option takes for a product.
                .withImportOption(location -> !location.contains("-tests.jar"))
                .importPackages("dev.hindsight");
    }

    private static void check(ArchRule rule) {
        rule.check(product);
    }

    @Test
    void modelUsesTheJdkOnly() {
        check(classes()
                .that()
                .resideInAPackage(MODEL)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(MODEL, "java..", "org.jspecify..")
                .because("decisions are tested with invented numbers, without a disk, a network or a library"));
    }

    @Test
    void onlyTheOracleAndMeasurementsKnowCassandrasClasses() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages(ORACLE, TESTKIT, BENCH)
                .should()
                .dependOnClassesThat(com.tngtech.archunit.base.DescribedPredicate.describe(
                        "are the server's classes, not the driver's",
                        type -> type.getPackageName().startsWith("org.apache.cassandra.")))
                .because("Cassandra's static singletons tie a process to one version and one schema; behind the"
                        + " Synthesiser seam they can be replaced"));
    }

    @Test
    void noStateIsSharedByTables() {
        check(fields().that()
                .areDeclaredInClassesThat()
                .resideInAnyPackage(CODEC, "dev.hindsight.synthesis..")
                .and()
                .areStatic()
                .and()
                .doNotHaveModifier(JavaModifier.SYNTHETIC)
                .should()
                .beFinal()
                .because("several clusters and schemas are merged in one process"));
    }

    @Test
    void nothingButTheServiceLoaderReachesTheOracle() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages(ORACLE, TESTKIT, BENCH)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ORACLE)
                .because("the own engine takes its place without a change elsewhere"));
    }

    @Test
    void onlyClusterAndTheLabSpeakCql() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages(CLUSTER, LAB, TESTKIT, BENCH, CLI)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.datastax..")
                .because("a worker has no driver; only the demo in cli compares rows through one"));
    }

    @Test
    void onlyServersServeHttp() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages(HTTP, AGENT, SERVER)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.eclipse.jetty..")
                .because("workers and the command line are clients"));
    }

    @Test
    void onlyTheS3StoreKnowsTheAwsSdk() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages("dev.hindsight.repository.store.s3..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("software.amazon..", "org.apache.hc..")
                .because("an object store is create, read, size, list and delete; all else is one store's own affair"));
    }

    @Test
    void modulesUseOnlyWhatStandsAboveThem() {
        check(classes()
                .that()
                .resideInAPackage(CODEC)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        CODEC,
                        MODEL,
                        "java..",
                        "org.jspecify..",
                        "net.jpountz..",
                        "com.github.luben.zstd..",
                        "org.xerial.snappy..",
                        "com.clearspring..",
                        "com.fasterxml.jackson.core..")
                .because("bytes are decoded wherever they are: in a worker, beside a node, inside Spark"));
        check(noClasses()
                .that()
                .resideInAPackage(SYNTHESIS)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(REPOSITORY, ENGINE, AGENT, CLUSTER, OPERATIONS, SERVER, LAB, CLI, TESTKIT, BENCH)
                .because("merging knows nothing of where bytes come from"));
        check(noClasses()
                .that()
                .resideInAPackage(REPOSITORY)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(SYNTHESIS, ENGINE, AGENT, CLUSTER, OPERATIONS, SERVER, LAB, CLI, TESTKIT, BENCH)
                .because("what is stored outlives every other module"));
        check(noClasses()
                .that()
                .resideInAPackage(AGENT_API)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        SYNTHESIS, REPOSITORY, ENGINE, CLUSTER, OPERATIONS, SERVER, LAB, CLI, TESTKIT, BENCH)
                .because("the agent is its own small distribution"));
        check(classes()
                .that()
                .resideInAPackage(HTTP)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(HTTP, MODEL, "java..", "org.jspecify..", "org.eclipse.jetty..")
                .because("a socket, its certificate and its tokens are the same whatever is served"));
        check(noClasses()
                .that()
                .resideInAPackage(ENGINE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(CLUSTER, OPERATIONS, SERVER, LAB, CLI, TESTKIT, BENCH)
                .because("shard tasks run anywhere, later inside Spark"));
        check(noClasses()
                .that()
                .resideInAPackage(OPERATIONS)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(SERVER, LAB, CLI, TESTKIT, BENCH, "picocli..")
                .because("the verbs are used by the command line and the service"));
        check(noClasses()
                .that()
                .resideInAPackage(SERVER)
                .should()
                .dependOnClassesThat(com.tngtech.archunit.base.DescribedPredicate.describe(
                        "are the agent's own or below the service",
                        type -> (type.getPackageName().startsWith("dev.hindsight.agent.")
                                        && !type.getPackageName().startsWith("dev.hindsight.agent.api"))
                                || type.getPackageName().startsWith("dev.hindsight.cli")
                                || type.getPackageName().startsWith("dev.hindsight.lab")
                                || type.getPackageName().startsWith("picocli")))
                .because("the service gets the rest of the system through one seam, Backend"));
        check(noClasses()
                .that()
                .resideInAPackage(AGENT)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(SYNTHESIS, ENGINE, CLUSTER, OPERATIONS, SERVER, LAB, CLI, TESTKIT, BENCH)
                .because("beside a production node there is 128 MiB for the agent and nothing else"));
    }

    @Test
    void verbsHaveNoCycles() {
        check(slices().matching("dev.hindsight.operations.(*)..").should().beFreeOfCycles());
        check(slices().matching("dev.hindsight.repository.(*)..").should().beFreeOfCycles());
        check(slices().matching("dev.hindsight.model.(*)..").should().beFreeOfCycles());
        check(slices().matching("dev.hindsight.codec.(*)..").should().beFreeOfCycles());
        check(slices().matching("dev.hindsight.synthesis.(*)..").should().beFreeOfCycles());
        check(slices().matching("dev.hindsight.server.(*)..").should().beFreeOfCycles());
    }

    @Test
    void packagesAreNamedByFeature() {
        check(noClasses()
                .should()
                .resideInAnyPackage("..util..", "..utils..", "..common..", "..impl..", "..manager..", "..helpers..")
                .because("a name that says nothing attracts everything"));
    }
}
