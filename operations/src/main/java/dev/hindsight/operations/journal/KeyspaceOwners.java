package dev.hindsight.operations.journal;

import dev.hindsight.cluster.LiveCluster;
import dev.hindsight.repository.document.JournalEntry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who replicates keyspaces, for whoever seals many tables again and again: each keyspace is looked at anew when its last look
 * is {@link #FRESH} old, over one connection that is kept. What is given always says when it was really seen. A cluster that
 * cannot be seen is tried again later each time, so that it does not slow sealing. Thread-safe.
 */
public final class KeyspaceOwners implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KeyspaceOwners.class);
    static final Duration FRESH = Duration.ofSeconds(30);
    private static final int MOST_DOUBLINGS = 2;

    private record Look(Instant until, Optional<JournalEntry.Owners> owners) {}

    private final Supplier<? extends LiveCluster> connect;
    private final Clock clock;
    private final Map<String, Look> looks = new HashMap<>();
    private volatile @Nullable LiveCluster cluster;
    private Instant connected = Instant.MIN;
    private Instant notBefore = Instant.MIN;
    private int failures;
    private volatile boolean closed;

    /** @param connect makes a connection, which is closed with this, or when nothing can be seen through it */
    public KeyspaceOwners(Supplier<? extends LiveCluster> connect, Clock clock) {
        this.connect = connect;
        this.clock = clock;
    }

    /** As seen not long ago; empty while the nodes do not agree, or cannot be asked. */
    public synchronized Optional<JournalEntry.Owners> of(String keyspace) {
        Instant now = clock.instant();
        looks.values().removeIf(look -> !look.until().isAfter(now));
        Look known = looks.get(keyspace);
        if (known == null) {
            Optional<JournalEntry.Owners> owners = look(keyspace, now);
            known = new Look(now.plus(FRESH), owners);
            looks.put(keyspace, known);
        }
        return known.owners();
    }

    private Optional<JournalEntry.Owners> look(String keyspace, Instant now) {
        if (closed || notBefore.isAfter(now)) {
            return Optional.empty();
        }
        try {
            LiveCluster open = cluster;
            if (open == null) {
                open = connect.get();
                cluster = open;
                connected = now;
                if (closed) {
                    disconnect();
                    return Optional.empty();
                }
            }
            Optional<JournalEntry.Owners> owners = OwnersSurvey.of(open, keyspace, clock);
            if (owners.isPresent()) {
                failures = 0;
            } else if (!connected.plus(FRESH).isAfter(now)) {
                // One that is new sees no less than the next one would.
                disconnect();
            }
            return owners;
        } catch (RuntimeException e) {
            // Whatever the driver says: that it cannot be seen keeps nobody from sealing.
            failures = Math.min(MOST_DOUBLINGS, failures + 1);
            notBefore = now.plus(FRESH.multipliedBy(1L << failures));
            if (failures == 1 && !closed) {
                LOG.warn("who replicates the tables cannot be seen cause={}", e.toString());
            }
            return Optional.empty();
        }
    }

    private void disconnect() {
        LiveCluster open = cluster;
        cluster = null;
        if (open != null) {
            open.close();
        }
    }

    /** Waits for no look that is under way: that one fails. */
    @Override
    public void close() {
        closed = true;
        disconnect();
    }
}
