package dev.hindsight.operations.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.engine.journal.CaptureStream;
import dev.hindsight.model.journal.Incarnation;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.Author;
import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.document.CatalogueEntry.Protection;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.JournalEntry.Consumed;
import dev.hindsight.repository.journal.CaptureHeader;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.DirectoryStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EndedCapturesTest {
    private static final Instant NOW = Instant.parse("2026-11-23T08:00:00Z");
    private static final UUID HERE = new UUID(0, 1);
    private static final UUID SILENT = new UUID(0, 2);
    private static final UUID GONE = new UUID(0, 3);
    private static final CaptureStream LOST = new CaptureStream(HERE, new Incarnation(9_000, 1));
    private static final CaptureStream LIVING = new CaptureStream(HERE, new Incarnation(1_000, 2));
    private static final CaptureStream UNHEARD = new CaptureStream(SILENT, new Incarnation(1_000, 3));
    private static final CaptureStream LEFT = new CaptureStream(GONE, new Incarnation(1_000, 4));
    private static final Protection TABLE = protection("prod", "new", 1);

    @TempDir
    private Path directory;

    private DirectoryStore store;
    private Repository repository;

    @BeforeEach
    void open() {
        store = DirectoryStore.create(directory.resolve("store"));
        Repository.init(store, Clock.fixed(NOW, ZoneOffset.UTC));
        repository = Repository.open(store);
    }

    private static Protection protection(String cluster, String table, long id) {
        return new Protection(cluster, new TableName("ks", table), new UUID(7, id));
    }

    private void protect(Protection table) {
        repository
                .catalogue()
                .append(
                        new Change.Protect(table, ""),
                        new Author(repository.catalogue().nextEpoch(), "test", NOW));
    }

    private void journal(Protection table, CaptureStream... known) {
        protect(table);
        JournalLog log = new JournalLog(store, table.table(), table.tableId());
        log.append(new JournalEntry(
                JournalEntry.FORMAT,
                1,
                JournalEntry.NO_PREVIOUS,
                NOW,
                "test",
                table.table(),
                table.tableId(),
                1,
                0,
                List.of(new JournalEntry.SchemaVersion(1, 0, 1)),
                List.of(),
                List.of(),
                Stream.of(known)
                        .map(one -> new Consumed(
                                one.hostId(),
                                one.incarnation().text(),
                                1,
                                0,
                                CaptureHeader.NONE,
                                0,
                                Optional.of(0L),
                                1))
                        .toList(),
                List.of(),
                List.of(),
                List.of(),
                Optional.empty()));
    }

    private List<CaptureStream> ended() {
        return EndedCaptures.of(repository, TABLE, Set.of(HERE, SILENT), () -> List.of(LIVING));
    }

    @Test
    void whatTheEldestTableKnowsAndNoAgentTellsHasEndedButForThatOfSilentAgents() {
        journal(protection("lab", "elsewhere", 2), new CaptureStream(new UUID(0, 9), new Incarnation(1, 1)));
        protect(protection("prod", "without", 3));
        Protection damaged = protection("prod", "damaged", 4);
        protect(damaged);
        store.putIfAbsent(
                Keys.journalEntry(damaged.table(), damaged.tableId(), 1),
                Body.of("{}".getBytes(StandardCharsets.UTF_8)));
        journal(protection("prod", "eldest", 5), LOST, LIVING, UNHEARD, LEFT);
        journal(protection("prod", "younger", 6), LIVING);

        assertThat(ended()).containsExactlyInAnyOrder(LOST, LEFT);
    }

    @Test
    void whereNoOtherTableIsProtectedAListingTellsOfTheHostsOfTheRing() {
        protect(TABLE);
        for (CaptureStream one : List.of(LOST, LIVING, UNHEARD, LEFT)) {
            store.putIfAbsent(Keys.capture(one.hostId(), one.incarnation(), 0), Body.of(new byte[1]));
        }

        assertThat(ended()).containsExactly(LOST);
    }
}
