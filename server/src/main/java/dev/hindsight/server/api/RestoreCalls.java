package dev.hindsight.server.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hindsight.model.failure.BusyException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.TimeNotRestorableException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.journal.ProtectedTable;
import dev.hindsight.operations.journal.WindowReport;
import dev.hindsight.server.Backend;
import dev.hindsight.server.RestoreOrder;
import dev.hindsight.server.job.Job;
import dev.hindsight.server.job.Jobs;
import dev.hindsight.server.job.Problem;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Restores, and the jobs of all kinds. Thread-safe. */
public final class RestoreCalls {
    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,128}");
    private static final String RESOLVED = "instant";

    private final Backend backend;
    private final Jobs jobs;
    private final Clock clock;

    public RestoreCalls(Backend backend, Jobs jobs, Clock clock) {
        this.backend = backend;
        this.jobs = jobs;
        this.clock = clock;
    }

    Answer restore(Call call) {
        call.key().filter(key -> !KEY.matcher(key).matches()).ifPresent(key -> {
            throw new UsageException(
                    "the idempotency key is not 1 to 128 printable characters", "a random UUID makes a good one");
        });
        Instant now = clock.instant();
        RestoreBody body = RestoreBody.read(call.body(), now);
        // "-5m" said again later is still the instant that it was the first time.
        Optional<Job> before = call.key().flatMap(key -> jobs.find(Job.Kind.RESTORE, key));
        Instant at = before.filter(job -> asked(job).equals(body.asked()))
                .map(job -> Instant.parse(job.request().path(RESOLVED).asText()))
                .orElse(body.order().at());
        RestoreOrder order = at(body.order(), at);
        ObjectNode request = body.asked().deepCopy();
        request.put(RESOLVED, at.toString());
        if (!body.dryRun()
                && before.map(job -> job.state().over() && job.state() != Job.State.DONE)
                        .orElse(true)) {
            requireNoOther(request, before);
        }
        if (before.isEmpty()) {
            Optional<Problem> outside = outside(order);
            if (outside.isPresent()) {
                return Answer.problem(outside.get());
            }
        }
        Jobs.Work work = body.dryRun()
                ? progress -> backend.planRestore(order, progress)
                : progress -> backend.restore(order, progress);
        return Answer.job(jobs.submit(new Jobs.Order(
                Job.Kind.RESTORE,
                call.key(),
                request,
                Optional.empty(),
                body.dryRun() ? Optional.empty() : Optional.of(place(order)),
                work)));
    }

    private static ObjectNode asked(Job job) {
        ObjectNode out = job.request().deepCopy();
        out.remove(RESOLVED);
        return out;
    }

    private static RestoreOrder at(RestoreOrder order, Instant at) {
        return new RestoreOrder(
                order.keyspace(),
                order.asKeyspace(),
                order.table(),
                order.as(),
                order.to(),
                order.replication(),
                order.ttl(),
                at);
    }

    /**
     * Two restores that make the same would be in each other's way; the second is told of the first.
     *
     * @param again the job that would be gone on with
     */
    private void requireNoOther(ObjectNode request, Optional<Job> again) {
        jobs.all().stream()
                .filter(job -> job.kind() == Job.Kind.RESTORE && !job.state().over())
                .filter(job -> !job.request().path("dryRun").asBoolean())
                .filter(job -> again.map(own -> !own.id().equals(job.id())).orElse(true))
                .filter(job -> made(job.request()).equals(made(request)))
                .findFirst()
                .ifPresent(job -> {
                    throw new BusyException(
                            "job " + job.id() + " restores into the same place",
                            "wait for it, or give another name with 'as'");
                });
    }

    private static List<String> made(JsonNode request) {
        return List.of(
                request.path("to").asText(),
                request.path("as").asText(request.path("table").asText()),
                request.path("asKeyspace").asText(request.path("keyspace").asText()));
    }

    /** Whoever restores claims the keyspace that is written to, in the cluster that it is in. */
    private static String place(RestoreOrder order) {
        String keyspace = order.as()
                .or(order::table)
                .map(TableName::keyspace)
                .or(order::asKeyspace)
                .or(order::keyspace)
                .orElseThrow();
        return order.to().orElse("") + "/" + keyspace;
    }

    /** An instant that surely cannot be restored is refused at once; one that is not sealed yet may still become restorable. */
    private Optional<Problem> outside(RestoreOrder order) {
        List<WindowReport> windows = tables(order).stream()
                .map(table -> backend.window(table, Optional.of(order.at())))
                .toList();
        boolean anyIsOpen = windows.stream().anyMatch(window -> isOpen(window, order.at()));
        List<TableName> closed = windows.stream()
                .filter(window -> !isOpen(window, order.at()))
                .filter(window -> !anyIsOpen || wasThere(window, order.at()))
                .map(WindowReport::table)
                .sorted()
                .toList();
        if (closed.isEmpty()) {
            return Optional.empty();
        }
        Optional<Instant> before = CommonInstants.before(windows, order.at());
        Optional<Instant> after = CommonInstants.after(windows, order.at());
        return Optional.of(Problem.of(new TimeNotRestorableException(
                        (closed.size() == 1 ? "table " + closed.get(0) + " cannot" : "tables " + closed + " cannot")
                                + " be restored to " + order.at(),
                        before.isEmpty() && after.isEmpty()
                                ? windows.size() == 1
                                        ? "no instant of it can be restored yet"
                                        : "there is no instant to which all tables of the keyspace can be restored"
                                : "take one of the nearest instants that can be"))
                .nearest(before, after));
    }

    /** @throws RuntimeException status 404: there is no such table, or no table of the keyspace is protected */
    private List<TableName> tables(RestoreOrder order) {
        return AbsentThingException.lookUp(() -> {
            if (order.table().isPresent()) {
                return List.of(backend.find(order.table().get()).name());
            }
            String keyspace = order.keyspace().orElseThrow();
            List<TableName> all = backend.protections(keyspace).stream()
                    .map(ProtectedTable::name)
                    .toList();
            if (all.isEmpty()) {
                throw new NotFoundException(
                        "no table of keyspace " + keyspace + " is protected",
                        "protect its tables, or restore a backup with 'hindsight restore --from'");
            }
            return all;
        });
    }

    /** Of a keyspace a table that may have come later, or was dropped, is no part: the journals tell, which the job reads. */
    private static boolean wasThere(WindowReport window, Instant at) {
        return !window.since().isAfter(at)
                && window.events().stream()
                        .noneMatch(event ->
                                event.kind().equals("DROP") && !event.at().isAfter(at));
    }

    private static boolean isOpen(WindowReport window, Instant at) {
        return window.asked().flatMap(WindowReport.Asked::span).isPresent()
                || window.protectedNow()
                        && window.sealedUpTo().map(upTo -> !upTo.isAfter(at)).orElse(true);
    }

    Answer jobs() {
        ObjectNode out = JsonNodeFactory.instance.objectNode();
        ArrayNode all = out.putArray("jobs");
        jobs.all().forEach(job -> all.add(job.toJson()));
        return Answer.json(200, out);
    }

    Answer job(Call call) {
        return Answer.json(
                200,
                AbsentThingException.lookUp(() -> jobs.load(call.path("id"))).toJson());
    }
}
