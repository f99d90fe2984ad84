package dev.hindsight.operations.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.TableFacts;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.document.ChainState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ChainNotesTest {
    private static final TableName NAME = new TableName("shop", "orders");
    private static final UUID ID = new UUID(9, 9);
    private static final int TEN_DAYS = 864_000;

    /** Of a backup that leaves the table out, on one that has it. */
    private static List<ChainState.Table> notes(UUID existing, long before, int now) {
        ChainState parent = new ChainState(
                ChainState.FORMAT,
                "parent",
                List.of(new ChainState.Table(NAME, ID, Instant.parse("2026-11-22T10:00:00Z"), before, List.of())));
        KeyspaceSchema schema = new KeyspaceSchema(
                "shop", Map.of(), true, List.of(), List.of(new TableFacts(NAME, existing, now, false, false)));
        return ChainNotes.of("this", Optional.of(parent), List.of(), table -> List.of(), List.of(), List.of(schema))
                .tables();
    }

    private static long least(long before, int now) {
        List<ChainState.Table> notes = notes(ID, before, now);
        assertThat(notes).hasSize(1);
        return notes.get(0).leastGcGraceSeconds();
    }

    @Test
    void whatATableThatIsLeftOutMayHavePurgedIsRemembered() {
        assertThat(least(TEN_DAYS, 0)).isZero();
        assertThat(least(0, TEN_DAYS)).isZero();
        assertThat(least(TEN_DAYS, TEN_DAYS)).isEqualTo(TEN_DAYS);
    }

    @Test
    void aTableThatIsGoneOrAnotherOneNowIsNotCarriedOn() {
        assertThat(notes(new UUID(9, 10), TEN_DAYS, TEN_DAYS)).isEmpty();
    }
}
