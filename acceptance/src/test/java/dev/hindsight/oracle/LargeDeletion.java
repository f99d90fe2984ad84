package dev.hindsight.oracle;

import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.journal.CompleteOperation;
import dev.hindsight.operations.journal.CompleteReport;
import dev.hindsight.operations.journal.CompleteRequest;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.store.DirectoryStore;
import java.nio.file.Path;
import java.time.Clock;

/** Run in a JVM of its own: completes a repository's table. Fails unless all of it was published. */
final class LargeDeletion {
    private LargeDeletion() {}

    public static void main(String[] arguments) {
        Repository repository = Repository.open(DirectoryStore.open(Path.of(arguments[0])));
        CompleteReport report = new CompleteOperation(
                        repository, Path.of(arguments[1]), 4L << 30, Clock.systemUTC(), ProgressListener.NONE)
                .complete(new CompleteRequest(new TableName("shop", "orders"), false, false));
        if (report.runs().isEmpty() || report.leftRecords() > 0) {
            throw new IllegalStateException(report.toString());
        }
    }
}
