package dev.hindsight.operations.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.model.failure.ExitCode;
import dev.hindsight.operations.restore.RestoreBlueprint.Refusal;
import dev.hindsight.operations.restore.RestoreBlueprint.Refusal.Kind;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RefusalTest {
    @Test
    void whatIsRefusedFailsAsTheFirstAndTellsOfAll() {
        Refusal first = new Refusal(Kind.NO_SPACE, "node a is full", "free space");
        Refusal second = new Refusal(Kind.TARGET_UNSAFE, "the table has rows", "drop it");

        assertThat(Refusal.failure(List.of(first, second))).get().satisfies(failure -> {
            assertThat(failure).isInstanceOf(CapacityException.class).hasMessage("node a is full; the table has rows");
            assertThat(failure.hint()).isEqualTo("free space");
        });
        assertThat(Refusal.failure(List.of())).isEmpty();
    }

    @Test
    void eachKindHasItsExitCode() {
        Map<Kind, ExitCode> codes = Map.of(
                Kind.TARGET_UNSAFE, ExitCode.TARGET_UNSAFE,
                Kind.NO_SPACE, ExitCode.NO_SPACE,
                Kind.UNREACHABLE, ExitCode.CLUSTER_UNREACHABLE,
                Kind.INCOMPATIBLE, ExitCode.INCOMPATIBLE,
                Kind.USAGE, ExitCode.USAGE);

        for (Kind kind : Kind.values()) {
            assertThat(Refusal.failure(List.of(new Refusal(kind, "m", "h"))).map(failure -> failure.exitCode()))
                    .isEqualTo(java.util.Optional.ofNullable(codes.get(kind)));
        }
    }
}
