package dev.hindsight.agent.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.hindsight.agent.api.AgentCalls.Lost;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.UnsupportedException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * The agent over HTTP/1.1. One instance for each agent, shared by all threads of a process.
 *
 * <p>Reads are tried again when a connection breaks, a byte range from the byte that was reached; an agent with no free
 * stream is asked again after the time that it names. Nothing else is repeated: when the answer to a snapshot or an
 * import is lost, {@link dev.hindsight.model.failure.OutcomeUnknownException} says so.
 */
public final class HttpAgentClient implements AgentClient {
    private static final Duration ADMIN_PATIENCE = Duration.ofMinutes(15);
    private static final int BUFFER = 128 * 1024;

    private final AgentEndpoint endpoint;
    private final AgentCalls calls;

    public HttpAgentClient(AgentEndpoint endpoint) {
        this.endpoint = endpoint;
        this.calls = new AgentCalls(endpoint);
    }

    @Override
    public String address() {
        return calls.address();
    }

    @Override
    public AgentInfo info() {
        return calls.read("info", get("/v1/info"), AgentInfo.class);
    }

    @Override
    public List<TableSize> tableSizes(Collection<String> keyspaces) {
        if (keyspaces.isEmpty()) {
            return List.of();
        }
        return List.of(calls.read("table sizes", get("/v1/sizes?" + query(keyspaces)), TableSize[].class));
    }

    private static String query(Collection<String> keyspaces) {
        return keyspaces.stream().map(name -> "keyspace=" + part(name)).collect(Collectors.joining("&"));
    }

    @Override
    public Optional<SnapshotListing> liveSSTables(Collection<String> keyspaces) {
        try {
            return Optional.of(calls.read("live SSTables", get("/v1/live?" + query(keyspaces)), SnapshotListing.class));
        } catch (NotFoundException e) {
            // No such path: an agent from before it.
            return Optional.empty();
        }
    }

    @Override
    public SnapshotResult takeSnapshot(SnapshotRequest request) {
        HttpRequest post = calls.request(AgentScope.ADMIN, "/v1/snapshots")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(bytes(request)))
                .build();
        return change("snapshot " + request.tag(), post, SnapshotResult.class, Lost.UNKNOWN, ADMIN_PATIENCE);
    }

    @Override
    public SnapshotListing listSnapshot(String tag) {
        return calls.read("listing of snapshot " + tag, get("/v1/snapshots/" + part(tag)), SnapshotListing.class);
    }

    @Override
    public List<String> snapshotTags(String prefix) {
        return List.of(calls.read("snapshot tags", get("/v1/snapshots?prefix=" + part(prefix)), String[].class));
    }

    @Override
    public void clearSnapshot(String tag) {
        HttpRequest delete = calls.request(AgentScope.ADMIN, "/v1/snapshots/" + part(tag))
                .DELETE()
                .build();
        change("clearing snapshot " + tag, delete, Object.class, Lost.REPEATABLE, ADMIN_PATIENCE);
    }

    @Override
    public void read(SnapshotFile file, long position, byte[] into, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, into.length);
        String path = "/v1/snapshots/" + part(file.tag()) + "/" + file.dataDirectory() + "/" + part(file.keyspace())
                + "/" + part(file.table()) + "/" + part(file.file());
        int done = 0;
        while (done < length) {
            int from = done;
            done += calls.retried(
                    "range of " + file.file(),
                    () -> readSome(path, position + from, into, offset + from, length - from));
        }
    }

    /** What arrived, which is less than asked for when the connection broke; never nothing. */
    private int readSome(String path, long position, byte[] into, int offset, int length) throws IOException {
        HttpRequest request = calls.request(AgentScope.READ, path)
                .header("Range", "bytes=" + position + "-" + (position + length - 1))
                .build();
        ReceivedBody.IntoArray body = new ReceivedBody.IntoArray(into, offset, length);
        try {
            HttpResponse<Integer> response = calls.stream(request, body, 206);
            String range = response.headers().firstValue("Content-Range").orElse("");
            if (!range.startsWith("bytes " + position + "-")) {
                throw new UnsupportedException(
                        "agent " + address() + " answered range '" + range + "' to " + position + "+" + length,
                        "check that no proxy between changes ranges");
            }
            if (body.received() == 0) {
                throw new IOException("empty answer");
            }
            return body.received();
        } catch (IOException e) {
            body.stop();
            if (body.received() > 0) {
                return body.received();
            }
            throw e;
        }
    }

    /**
     * Offered first, so that an agent that cannot take the file says so before it is sent. Staging the same file again
     * changes nothing, so a broken connection is tried again here as for a read.
     */
    @Override
    public StagedFile stage(ImportTarget target, Path file) {
        String path = path(target) + "/" + part(String.valueOf(file.getFileName()));
        long size;
        String sha256;
        try {
            size = Files.size(file);
            sha256 = sha256(file);
        } catch (IOException e) {
            throw new NotFoundException(
                    "file " + file + " cannot be read: " + e.getMessage(), "check the scratch directory", e);
        }
        HttpRequest offer = calls.request(AgentScope.IMPORT, path + "/offer?bytes=" + size)
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        calls.read("offer of " + file.getFileName(), offer, Object.class);
        return calls.send(
                "sending " + file.getFileName(),
                progress -> calls.request(AgentScope.IMPORT, path)
                        .header("X-Hindsight-Sha256", sha256)
                        .PUT(content(file, size, progress))
                        .build(),
                StagedFile.class);
    }

    private static HttpRequest.BodyPublisher content(Path file, long size, AtomicLong progress) {
        return size == 0
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.fromPublisher(
                        HttpRequest.BodyPublishers.ofInputStream(() -> counted(file, progress)), size);
    }

    @Override
    public List<StagedFile> staged(ImportTarget target) {
        HttpRequest get = calls.request(AgentScope.IMPORT, path(target)).build();
        return List.of(calls.read("staged files", get, StagedFile[].class));
    }

    @Override
    public ImportResult commitImport(ImportTarget target) {
        HttpRequest post = calls.request(AgentScope.IMPORT, path(target) + "/commit")
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        return change("import into " + target.table(), post, ImportResult.class, Lost.UNKNOWN, endpoint.callTimeout());
    }

    @Override
    public Optional<ImportResult> finishedImport(ImportTarget target) {
        HttpRequest get =
                calls.request(AgentScope.IMPORT, path(target) + "/finished").build();
        ImportResult[] found = calls.read("finished imports", get, ImportResult[].class);
        return found.length == 0 ? Optional.empty() : Optional.of(found[0]);
    }

    @Override
    public void discardImport(String importId) {
        HttpRequest delete = calls.request(AgentScope.IMPORT, "/v1/imports/" + part(importId))
                .DELETE()
                .build();
        change("discarding import " + importId, delete, Object.class, Lost.REPEATABLE, ADMIN_PATIENCE);
    }

    @Override
    public List<String> importIds() {
        HttpRequest get = calls.request(AgentScope.IMPORT, "/v1/imports").build();
        return List.of(calls.read("import ids", get, String[].class));
    }

    @Override
    public CaptureStatus capture() {
        return calls.read("capture", get("/v1/capture"), CaptureStatus.class);
    }

    @Override
    public CaptureStatus captureSoon() {
        return calls.readSoon("capture", get("/v1/capture"), CaptureStatus.class);
    }

    @Override
    public CaptureStatus setCapture(Collection<String> keyspaces) {
        HttpRequest put = calls.request(AgentScope.ADMIN, "/v1/capture")
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofByteArray(bytes(new CaptureRequest(Set.copyOf(keyspaces)))))
                .build();
        return change("capture", put, CaptureStatus.class, Lost.REPEATABLE, ADMIN_PATIENCE);
    }

    @Override
    public CaptureStatus stopCapture() {
        HttpRequest delete =
                calls.request(AgentScope.ADMIN, "/v1/capture").DELETE().build();
        return change("stopping the capture", delete, CaptureStatus.class, Lost.REPEATABLE, ADMIN_PATIENCE);
    }

    /** The JDK's client ends its threads when nobody holds it any more. */
    @Override
    public void close() {}

    private <T> T change(String what, HttpRequest request, Class<T> type, Lost lost, Duration patience) {
        return calls.change(what, request, type, lost, patience);
    }

    private HttpRequest get(String path) {
        return calls.request(AgentScope.READ, path).build();
    }

    private static String path(ImportTarget target) {
        return "/v1/imports/" + part(target.importId()) + "/"
                + part(target.table().keyspace()) + "/" + part(target.table().table()) + "/" + target.tableId();
    }

    private static String part(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static byte[] bytes(Object document) {
        try {
            return AgentJson.mapper().writeValueAsBytes(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a wire record has no JSON form", e);
        }
    }

    private static String sha256(Path file) throws IOException {
        java.security.MessageDigest digest = Sha256.start();
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static InputStream counted(Path file, AtomicLong progress) {
        try {
            return new java.io.FilterInputStream(Files.newInputStream(file)) {
                @Override
                public int read(byte[] b, int off, int len) throws IOException {
                    int n = in.read(b, off, len);
                    progress.addAndGet(Math.max(n, 0));
                    return n;
                }
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
