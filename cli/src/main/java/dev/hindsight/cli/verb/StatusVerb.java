package dev.hindsight.cli.verb;

import dev.hindsight.cli.GlobalOptions;
import dev.hindsight.cli.Surroundings;
import dev.hindsight.cli.Workbench;
import dev.hindsight.cli.output.Outcome;
import dev.hindsight.cli.output.Text;
import dev.hindsight.model.failure.ExitCode;
import dev.hindsight.operations.journal.WindowReport;
import dev.hindsight.repository.document.BackupManifest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;

@Command(
        name = "status",
        description = {
            "The repository, its newest backup and that one's age, what is unfinished, and the protected tables.",
            "Ends with 4 when it meets damage on the way; 'verify' looks at everything."
        })
final class StatusVerb extends Verb {
    private final Workbench workbench;

    StatusVerb(GlobalOptions options, Surroundings surroundings, Workbench workbench) {
        super(options, surroundings);
        this.workbench = workbench;
    }

    @Override
    Outcome run() {
        Workbench.RepositoryStatus status = workbench.status(config());
        Optional<Duration> age = status.newest()
                .map(newest -> Duration.between(
                        newest.restorePoint(), surroundings().clock().instant()));
        List<String> facts = new ArrayList<>(List.of(
                "repository", status.location() + " (" + status.id() + ")", "backups", Text.count(status.backups())));
        if (status.newest().isPresent()) {
            BackupManifest newest = status.newest().get();
            facts.addAll(List.of(
                    "newest",
                    newest.id() + ", " + BackupViews.lower(newest.state()) + ", "
                            + Text.plural(newest.tables().size(), "table") + ", "
                            + Text.bytes(newest.totals().storedBytes()),
                    "restore point",
                    Text.time(newest.restorePoint()) + ", " + Text.duration(age.orElse(Duration.ZERO)) + " ago"));
        }
        for (Workbench.Unfinished run : status.unfinished()) {
            facts.addAll(List.of(
                    "unfinished",
                    run.id() + " since " + Text.time(run.since()) + ", " + run.shardsDone() + " of " + run.shards()
                            + " shards; running, or died"));
        }
        for (WindowReport table : status.protections()) {
            facts.addAll(List.of("protected", JournalViews.line(table)));
        }
        List<String> parts = new ArrayList<>(List.of(Text.facts(facts)));
        BackupViews.damage(parts, status.problems());
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("repository", status.id());
        fields.put("location", status.location());
        fields.put("createdAt", status.createdAt());
        fields.put("catalogueEntries", status.catalogueEntries());
        fields.put("backups", status.backups());
        fields.put("newest", status.newest().map(BackupViews::summary));
        fields.put("ageSeconds", age);
        fields.put("unfinished", status.unfinished());
        fields.put(
                "protected",
                status.protections().stream().map(JournalViews::summary).toList());
        fields.put("problems", status.problems());
        ExitCode exit = status.problems().isEmpty() ? ExitCode.OK : ExitCode.VERIFICATION_FAILED;
        return new Outcome(exit, "status", fields, String.join("\n", parts));
    }
}
