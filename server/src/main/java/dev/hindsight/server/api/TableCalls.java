package dev.hindsight.server.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hindsight.model.failure.BusyException;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.model.window.Guarantee;
import dev.hindsight.operations.journal.HistoryRequest;
import dev.hindsight.operations.journal.ProtectedTable;
import dev.hindsight.operations.journal.WindowReport;
import dev.hindsight.server.Backend;
import dev.hindsight.server.Watched;
import dev.hindsight.server.document.DocumentTree;
import dev.hindsight.server.job.Job;
import dev.hindsight.server.job.Jobs;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What can be asked of one protected table, and of all. Thread-safe. */
public final class TableCalls {
    private static final int MOST_VERSIONS = 1000;

    /** Of memory for what is told; the answer is about as long. */
    private static final long MOST_HISTORY = 16 << 20;

    private static final Duration HISTORY_PATIENCE = Duration.ofSeconds(5);
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final Backend backend;
    private final Jobs jobs;
    private final Watched watched;
    private final Clock clock;
    private final HistoryGate histories = new HistoryGate(HISTORY_PATIENCE);

    public TableCalls(Backend backend, Jobs jobs, Watched watched, Clock clock) {
        this.backend = backend;
        this.jobs = jobs;
        this.watched = watched;
        this.clock = clock;
    }

    Answer all() {
        ObjectNode out = NODES.objectNode();
        ArrayNode tables = out.putArray("tables");
        watched.all().stream()
                .sorted(Comparator.comparing(one -> one.table().name()))
                .forEach(one -> {
                    ObjectNode node = tables.addObject();
                    node.put("table", one.table().name().toString());
                    node.put("protectedSince", one.table().since().toString());
                    node.set("sealedUpTo", DocumentTree.of(one.sealedUpTo()));
                    node.set(
                            "lagSeconds",
                            DocumentTree.of(
                                    lag(one.sealedUpTo().orElse(one.table().since()))));
                    node.put(
                            "guarantee", one.window().map(TableCalls::guarantee).orElse(Guarantee.NONE.name()));
                    node.set("lastBase", DocumentTree.of(one.lastBase()));
                    node.set("ended", DocumentTree.of(one.ended()));
                });
        return Answer.json(200, out);
    }

    Answer protection(Call call) {
        return Answer.json(200, document(find(call)));
    }

    /** Two calls at once are one job. */
    Answer protect(Call call) {
        TableName table = name(call);
        while (true) {
            Optional<Job> before = newestJob(table);
            if (before.isPresent() && !before.get().state().over()) {
                return Answer.job(before.get());
            }
            Optional<ProtectedTable> there = standing(table);
            if (there.isPresent() && isKept(there.get())) {
                return Answer.json(200, document(there.get()));
            }
            Optional<Job> begun = begin(table, before);
            if (begun.isPresent()) {
                return Answer.job(begun.get());
            }
        }
    }

    /**
     * Asks nobody outside, so that no call waits for another one's.
     *
     * @param before the newest job of the table, which was over, when it was decided that one is needed
     * @return the job to follow; empty where another one has ended since, so that it has to be decided again
     */
    private synchronized Optional<Job> begin(TableName table, Optional<Job> before) {
        Optional<Job> newest = newestJob(table);
        if (!newest.equals(before)) {
            return newest.filter(job -> !job.state().over());
        }
        ObjectNode request = NODES.objectNode();
        request.putArray("tables").add(table.toString());
        // What failed or was cut goes on; what was ended since is begun by a job of its own.
        String key = newest.filter(job -> job.state() != Job.State.DONE)
                .flatMap(Job::key)
                .orElseGet(() -> table + newest.map(job -> " after " + job.id()).orElse(""));
        return Optional.of(jobs.submit(new Jobs.Order(
                Job.Kind.PROTECT,
                Optional.of(key),
                request,
                Optional.empty(),
                Optional.empty(),
                progress -> backend.protect(List.of(table), progress))));
    }

    private Optional<ProtectedTable> standing(TableName table) {
        return backend.protections().stream()
                .filter(one -> one.name().equals(table))
                .findFirst();
    }

    /** Whether its changes are kept and can be restored: not where it was dropped, though another one has its name now. */
    private boolean isKept(ProtectedTable table) {
        WindowReport window = backend.window(table.name(), Optional.empty());
        return !window.spans().isEmpty() && window.ended().isEmpty() && isLive(table);
    }

    private boolean isLive(ProtectedTable table) {
        try {
            return backend.liveId(table.name()).equals(Optional.of(table.tableId()));
        } catch (ClusterUnreachableException e) {
            // No job could do anything about it now.
            return true;
        }
    }

    /** Not while a job begins the protection: it would go on, and say in the end that there is one. */
    Answer unprotect(Call call) {
        TableName table = name(call);
        jobsOf(table).filter(job -> !job.state().over()).findFirst().ifPresent(job -> {
            throw new BusyException(
                    "job " + job.id() + " begins the protection of " + table,
                    "wait until it is over, then end the protection");
        });
        return Answer.json(200, document(backend.unprotect(find(call).name())));
    }

    private ProtectedTable find(Call call) {
        TableName table = name(call);
        return AbsentThingException.lookUp(() -> backend.find(table));
    }

    Answer window(Call call) {
        Optional<Instant> at = Optional.ofNullable(call.query().get("at"))
                .map(text -> RestoreBody.instant("at", text, clock.instant()));
        ProtectedTable table = find(call);
        watched.ask(table.tableId());
        return Answer.json(200, DocumentTree.of(backend.window(table.name(), at)));
    }

    Answer history(Call call) {
        String key = Optional.ofNullable(call.query().get("key"))
                .filter(text -> !text.isBlank())
                .orElseThrow(() -> new UsageException(
                        "'key' is missing: whose history", "give key=id=7, or only the value: key=7"));
        Instant now = clock.instant();
        Optional<Instant> from =
                Optional.ofNullable(call.query().get("from")).map(text -> RestoreBody.instant("from", text, now));
        Optional<Instant> to =
                Optional.ofNullable(call.query().get("to")).map(text -> RestoreBody.instant("to", text, now));
        int limit = Optional.ofNullable(call.query().get("limit"))
                .map(TableCalls::limit)
                .orElse(HistoryRequest.USUAL_LIMIT);
        ProtectedTable table = find(call);
        watched.ask(table.tableId());
        HistoryRequest request = new HistoryRequest(table.name(), key, from, to, limit, MOST_HISTORY);
        return histories.tell(() -> Answer.document(backend.history(request)));
    }

    private static int limit(String text) {
        if (text.matches("[1-9][0-9]{0,3}") && Integer.parseInt(text) <= MOST_VERSIONS) {
            return Integer.parseInt(text);
        }
        throw new UsageException(
                "'limit' is no number from 1 to " + MOST_VERSIONS, "ask for an earlier stretch with 'to' to see more");
    }

    private ObjectNode document(ProtectedTable table) {
        watched.ask(table.tableId());
        WindowReport window = backend.window(table.name(), Optional.empty());
        ObjectNode out = NODES.objectNode();
        out.put("table", table.name().toString());
        out.put("tableId", table.tableId().toString());
        out.put("cluster", table.cluster());
        out.put("protected", table.standing());
        out.put("since", table.since().toString());
        out.set("sealedUpTo", DocumentTree.of(window.sealedUpTo()));
        out.set("lagSeconds", DocumentTree.of(lag(window.sealedUpTo().orElse(table.since()))));
        out.put("guarantee", guarantee(window));
        out.set("job", DocumentTree.of(newestJob(table.name()).map(Job::id)));
        return out;
    }

    private Optional<Job> newestJob(TableName table) {
        return jobsOf(table).findFirst();
    }

    /** That protect it, the newest first. */
    private Stream<Job> jobsOf(TableName table) {
        return jobs.all().stream()
                .filter(job -> job.kind() == Job.Kind.PROTECT)
                .filter(job -> job.request().path("tables").path(0).asText().equals(table.toString()));
    }

    private static String guarantee(WindowReport window) {
        return window.spans().isEmpty()
                ? Guarantee.NONE.name()
                : window.spans().get(window.spans().size() - 1).guarantee();
    }

    private Duration lag(Instant sealedUpTo) {
        return Duration.between(sealedUpTo, clock.instant());
    }

    private static TableName name(Call call) {
        if (call.path("keyspace").isEmpty() || call.path("table").isEmpty()) {
            return AbsentThingException.lookUp(() -> {
                throw new NotFoundException("there is no such call", "see /v1/openapi.yaml");
            });
        }
        return new TableName(call.path("keyspace"), call.path("table"));
    }
}
