package dev.hindsight.engine.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.engine.ShardTask;
import dev.hindsight.engine.TaskResult;
import dev.hindsight.repository.document.ObjectRef;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WireMessageTest {
    private static final ObjectRef PLAN = new ObjectRef("backups/b/plan.json", 12, "sha256:00");

    private static void assertSurvives(WireMessage message) {
        assertThat(message.toLine()).doesNotContain("\n");
        assertThat(WireMessage.parse(message.toLine())).contains(message);
    }

    @Test
    void everyTaskAndResultSurvivesTheLine() {
        assertSurvives(new WireMessage.Ready(4711));
        assertSurvives(new WireMessage.Bytes(1L << 40));
        for (ShardTask task : List.of(
                new ShardTask.Backup(PLAN, 1),
                new ShardTask.Restore(PLAN, 2),
                new ShardTask.Export(PLAN, 3),
                new ShardTask.Rebase(PLAN, 5),
                new ShardTask.Verify(PLAN, 4, ShardTask.Verify.Depth.RECORDS),
                new ShardTask.Verify(PLAN, 4, ShardTask.Verify.Depth.BYTES))) {
            assertSurvives(new WireMessage.Run(task));
            assertSurvives(new WireMessage.Done(new TaskResult(
                    task,
                    Optional.of(PLAN),
                    List.of("a \"quoted\"\nline", "ü"),
                    Optional.empty(),
                    7,
                    new TaskResult.Whole(3, 1L << 40, 2))));
        }
        assertSurvives(new WireMessage.Done(new TaskResult(
                new ShardTask.Backup(PLAN, 1),
                Optional.empty(),
                List.of(),
                Optional.of(new TaskResult.Failure(
                        "CapacityException", "no\nspace", "make some", 8, Optional.of("backups/b/shards/000001.json"))),
                0)));
    }

    @Test
    void whatElseIsPrintedIsNoMessage() {
        assertThat(WireMessage.parse("OpenJDK 64-Bit Server VM warning")).isEmpty();
        assertThat(WireMessage.parse("{not json")).isEmpty();
        assertThat(WireMessage.parse("{\"other\": 1}")).isEmpty();
    }
}
