package dev.hindsight.agent.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.hindsight.agent.api.AgentJson;
import dev.hindsight.agent.api.AgentScope;
import dev.hindsight.agent.api.ImportTarget;
import dev.hindsight.agent.api.SnapshotFile;
import dev.hindsight.agent.api.SnapshotRequest;
import dev.hindsight.agent.api.WireNames;
import dev.hindsight.agent.capture.Capture;
import dev.hindsight.agent.config.AgentConfig;
import dev.hindsight.agent.node.GuardedNode;
import dev.hindsight.agent.receive.Imports;
import dev.hindsight.agent.snapshot.Snapshots;
import dev.hindsight.agent.stream.FileReader;
import dev.hindsight.agent.stream.StreamGate;
import dev.hindsight.agent.stream.Throttle;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.schema.TableName;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Fields;

/**
 * The calls by method and path. Each says which scope it needs; {@link AgentHandler} has checked it before the call runs.
 *
 * <pre>
 *   GET    /v1/info                                                       read
 *   GET    /v1/sizes?keyspace=K&amp;keyspace=...                              read
 *   GET    /v1/snapshots?prefix=P                                         read
 *   POST   /v1/snapshots                                                  admin
 *   GET    /v1/snapshots/TAG                                              read
 *   DELETE /v1/snapshots/TAG                                              admin
 *   GET    /v1/snapshots/TAG/DATADIR/KEYSPACE/TABLE-ID/FILE   (Range)     read
 *   GET    /v1/capture                                                    read
 *   PUT    /v1/capture                                                    admin
 *   DELETE /v1/capture                                                    admin
 *   GET    /v1/imports                                                    import
 *   DELETE /v1/imports/ID                                                 import
 *   GET    /v1/imports/ID/KEYSPACE/TABLE/TABLEID                          import
 *   PUT    /v1/imports/ID/KEYSPACE/TABLE/TABLEID/FILE                     import
 *   POST   /v1/imports/ID/KEYSPACE/TABLE/TABLEID/FILE/offer?bytes=N       import
 *   POST   /v1/imports/ID/KEYSPACE/TABLE/TABLEID/commit                   import
 * </pre>
 */
final class Routes {
    private static final int LARGEST_DOCUMENT = 4 << 20;
    private static final Object DONE = Map.of();
    private static final Duration READ_PATIENCE = Duration.ofSeconds(2);
    /** Longer, because the sender has the body under way and cannot be sent away cheaply. */
    private static final Duration RECEIVE_PATIENCE = Duration.ofSeconds(30);

    /** What to run once the scope is known to be held. */
    record Route(AgentScope scope, Action action) {}

    /** Answers a request. */
    interface Action {
        void run(Request request, Response response) throws IOException;
    }

    private final GuardedNode node;
    private final AgentConfig config;
    private final Snapshots snapshots;
    private final Imports imports;
    private final CaptureRoutes capture;
    private final Throttle throttle;
    private final StreamGate gate;

    Routes(
            GuardedNode node,
            AgentConfig config,
            Snapshots snapshots,
            Imports imports,
            Optional<Capture> capture,
            Throttle throttle,
            StreamGate gate) {
        this.node = node;
        this.config = config;
        this.snapshots = snapshots;
        this.imports = imports;
        this.capture = new CaptureRoutes(node, capture);
        this.throttle = throttle;
        this.gate = gate;
    }

    /** Empty for a path or method that does not exist. */
    Optional<Route> find(String method, List<String> path) {
        if (path.size() < 2 || !path.get(0).equals("v1")) {
            return Optional.empty();
        }
        List<String> parts = path.subList(2, path.size());
        return switch (path.get(1)) {
            case "info" -> parts.isEmpty() && method.equals("GET") ? read(this::info) : Optional.empty();
            case "sizes" -> parts.isEmpty() && method.equals("GET") ? read(this::sizes) : Optional.empty();
            case "live" -> parts.isEmpty() && method.equals("GET") ? read(this::live) : Optional.empty();
            case "snapshots" -> snapshotRoute(method, parts);
            case "capture" -> parts.isEmpty() ? capture.find(method) : Optional.empty();
            case "imports" -> importRoute(method, parts);
            default -> Optional.empty();
        };
    }

    private Optional<Route> snapshotRoute(String method, List<String> parts) {
        return switch (method + " " + parts.size()) {
            case "GET 0" -> read(this::tags);
            case "POST 0" -> Optional.of(new Route(AgentScope.ADMIN, this::takeSnapshot));
            case "GET 1" -> read((request, response) -> listing(parts.get(0), response));
            case "DELETE 1" ->
                Optional.of(new Route(AgentScope.ADMIN, (request, response) -> {
                    snapshots.clear(parts.get(0));
                    Answers.json(response, 200, DONE);
                }));
            case "GET 5" -> read((request, response) -> file(parts, request, response));
            default -> Optional.empty();
        };
    }

    private Optional<Route> importRoute(String method, List<String> parts) {
        return switch (method + " " + parts.size()) {
            case "GET 0" -> importing((request, response) -> Answers.json(response, 200, imports.importIds()));
            case "DELETE 1" ->
                importing((request, response) -> {
                    imports.discard(parts.get(0));
                    Answers.json(response, 200, DONE);
                });
            case "GET 4" ->
                importing((request, response) -> Answers.json(response, 200, imports.staged(target(parts))));
            case "GET 5" ->
                parts.get(4).equals("finished")
                        ? importing((request, response) -> Answers.json(
                                response,
                                200,
                                imports.finished(target(parts)).map(List::of).orElse(List.of())))
                        : Optional.empty();
            case "PUT 5" -> importing((request, response) -> receive(parts, request, response));
            case "POST 5" ->
                parts.get(4).equals("commit")
                        ? importing((request, response) -> Answers.json(response, 200, imports.commit(target(parts))))
                        : Optional.empty();
            case "POST 6" ->
                parts.get(5).equals("offer")
                        ? importing((request, response) -> offer(parts, request, response))
                        : Optional.empty();
            default -> Optional.empty();
        };
    }

    private static Optional<Route> read(Action action) {
        return Optional.of(new Route(AgentScope.READ, action));
    }

    private static Optional<Route> importing(Action action) {
        return Optional.of(new Route(AgentScope.IMPORT, action));
    }

    private void info(Request request, Response response) throws IOException {
        Answers.json(response, 200, NodeInfo.of(node, config));
    }

    private void sizes(Request request, Response response) throws IOException {
        Answers.json(response, 200, snapshots.sizes(keyspaces(request)));
    }

    private void live(Request request, Response response) throws IOException {
        list("", snapshots.live(keyspaces(request)), response);
    }

    private static List<String> keyspaces(Request request) {
        List<String> keyspaces = new ArrayList<>();
        for (Fields.Field field : Request.extractQueryParameters(request)) {
            if (field.getName().equals("keyspace")) {
                keyspaces.addAll(field.getValues());
            }
        }
        return keyspaces;
    }

    private void tags(Request request, Response response) throws IOException {
        String prefix = Request.extractQueryParameters(request).getValue("prefix");
        Answers.json(response, 200, snapshots.tags(prefix == null ? "" : prefix));
    }

    private void takeSnapshot(Request request, Response response) throws IOException {
        SnapshotRequest wanted = document(request, SnapshotRequest.class, "snapshot fewer tables in one call");
        Answers.json(response, 200, snapshots.take(wanted));
    }

    static <T> T document(Request request, Class<T> type, String shorter) throws IOException {
        byte[] body = Content.Source.asInputStream(request).readNBytes(LARGEST_DOCUMENT + 1);
        if (body.length > LARGEST_DOCUMENT) {
            throw new UsageException("the request is longer than " + LARGEST_DOCUMENT + " bytes", shorter);
        }
        try {
            return AgentJson.mapper().readValue(body, type);
        } catch (JsonProcessingException e) {
            throw new UsageException(
                    "the request is not understood: " + e.getOriginalMessage(), "use a client of this version", e);
        }
    }

    private void listing(String tag, Response response) throws IOException {
        WireNames.tag(tag);
        list(tag, snapshots.open(tag), response);
    }

    /**
     * Written SSTable by SSTable, so that the receiver sees progress; an error in the middle breaks the connection, so that
     * no listing looks whole but is not.
     */
    private void list(String tag, Snapshots.Listing listing, Response response) throws IOException {
        UUID hostId = node.requiredHostId();
        response.setStatus(200);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        OutputStream out = Content.Sink.asOutputStream(response);
        ListingWriter.write(out, hostId, tag, listing);
        out.close(); // Not after an error: closing would end the answer as if it were whole.
    }

    private void file(List<String> parts, Request request, Response response) throws IOException {
        SnapshotFile file =
                new SnapshotFile(parts.get(0), parts.get(2), parts.get(3), number(parts.get(1)), parts.get(4));
        var path = snapshots.file(file);
        try (StreamGate.Place place = gate.enter(READ_PATIENCE);
                FileReader reader = FileReader.open(path, throttle.pieceBytes())) {
            long size = reader.size();
            Optional<ByteRange> asked = ByteRange.parse(request.getHeaders().get(HttpHeader.RANGE), size);
            ByteRange range = asked.orElseGet(() -> new ByteRange(0, size - 1));
            response.setStatus(asked.isPresent() ? 206 : 200);
            asked.ifPresent(part -> response.getHeaders()
                    .put(HttpHeader.CONTENT_RANGE, "bytes " + part.first() + "-" + part.last() + "/" + size));
            response.getHeaders().put(HttpHeader.ACCEPT_RANGES, "bytes");
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/octet-stream");
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, range.length());
            reader.read(range.first(), range.length(), piece -> {
                throttle.take(piece.remaining());
                Content.Sink.write(response, false, piece);
            });
            Content.Sink.write(response, true, null);
        }
    }

    /** Refuses what {@link #receive} would refuse, before the bytes are on their way. */
    private void offer(List<String> parts, Request request, Response response) throws IOException {
        imports.checkEnabled();
        String bytes = Request.extractQueryParameters(request).getValue("bytes");
        if (bytes == null || !bytes.matches("[0-9]{1,18}")) {
            throw new UsageException("the offer of " + parts.get(4) + " names no size", "send bytes=N");
        }
        imports.offer(target(parts), parts.get(4), Long.parseLong(bytes));
        Answers.json(response, 200, DONE);
    }

    private void receive(List<String> parts, Request request, Response response) throws IOException {
        imports.checkEnabled();
        ImportTarget target = target(parts);
        long size = request.getHeaders().getLongField(HttpHeader.CONTENT_LENGTH);
        if (size < 0) {
            throw new UsageException("the length of " + parts.get(4) + " was not announced", "send Content-Length");
        }
        String sha256 = Optional.ofNullable(request.getHeaders().get("X-Hindsight-Sha256"))
                .orElse("");
        try (StreamGate.Place place = gate.enter(RECEIVE_PATIENCE);
                InputStream body = Content.Source.asInputStream(request)) {
            Answers.json(response, 200, imports.receive(target, parts.get(4), size, sha256, body));
        }
    }

    private static ImportTarget target(List<String> parts) {
        return new ImportTarget(
                WireNames.importId(parts.get(0)),
                new TableName(WireNames.keyspace(parts.get(1)), WireNames.table(parts.get(2))),
                WireNames.tableId(parts.get(3)));
    }

    private static int number(String text) {
        if (!text.matches("[0-9]{1,4}")) {
            throw new UsageException("the data directory's number is not a number", "take it from the listing");
        }
        return Integer.parseInt(text);
    }
}
