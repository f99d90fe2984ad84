package dev.hindsight.cli.verb;

import dev.hindsight.cli.GlobalOptions;
import dev.hindsight.cli.Surroundings;
import dev.hindsight.cli.Workbench;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine;

/** All verbs, in the order in which help shows them. */
public final class Verbs {
    private Verbs() {}

    /**
     * Hangs every verb under {@code root}.
     *
     * @param commands makes another such command line, for a verb that calls verbs
     */
    public static void addTo(
            CommandLine root,
            GlobalOptions options,
            Surroundings surroundings,
            Workbench workbench,
            Function<Surroundings, CommandLine> commands) {
        List.<Verb>of(
                        new InitVerb(options, surroundings, workbench),
                        new DoctorVerb(options, surroundings, workbench),
                        new StatusVerb(options, surroundings, workbench),
                        new ListVerb(options, surroundings, workbench),
                        new ShowVerb(options, surroundings, workbench),
                        new BackupVerb(options, surroundings, workbench),
                        new RestoreVerb(options, surroundings, workbench),
                        new ProtectVerb(options, surroundings, workbench),
                        new UnprotectVerb(options, surroundings, workbench),
                        new WindowVerb(options, surroundings, workbench),
                        new HistoryVerb(options, surroundings, workbench),
                        new CompleteVerb(options, surroundings, workbench),
                        new ExportVerb(options, surroundings, workbench),
                        new VerifyVerb(options, surroundings, workbench),
                        new RebaseVerb(options, surroundings, workbench),
                        new ExpireVerb(options, surroundings, workbench),
                        new HoldVerb(options, surroundings, workbench),
                        new ReleaseVerb(options, surroundings, workbench),
                        new CollectVerb(options, surroundings, workbench),
                        new DiskUsageVerb(options, surroundings, workbench),
                        new ServeVerb(options, surroundings),
                        new AgentVerb(options, surroundings),
                        new WorkerVerb(options, surroundings, System.in),
                        new DemoVerb(options, surroundings, commands))
                .forEach(root::addSubcommand);
    }
}
