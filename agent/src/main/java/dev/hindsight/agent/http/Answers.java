package dev.hindsight.agent.http;

import dev.hindsight.agent.api.AgentJson;
import dev.hindsight.agent.api.ErrorDocument;
import dev.hindsight.agent.stream.StreamGate;
import dev.hindsight.model.failure.AlreadyExistsException;
import dev.hindsight.model.failure.BusyException;
import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.OutcomeUnknownException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.failure.UnauthorisedException;
import dev.hindsight.model.failure.UsageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Response;

/** Writes documents, and failures as {@link ErrorDocument}s with the status that suits them. Blocking. */
final class Answers {
    private static final String JSON = "application/json";

    private Answers() {}

    static void json(Response response, int status, Object document) throws IOException {
        byte[] body = AgentJson.mapper().writeValueAsBytes(document);
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, JSON);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
        Content.Sink.write(response, true, ByteBuffer.wrap(body));
    }

    static void failure(Response response, HindsightException failure) throws IOException {
        if (failure.getCause() instanceof StreamGate.ComeBackLater) {
            response.getHeaders().put(HttpHeader.RETRY_AFTER, 1);
            json(response, 503, ErrorDocument.of(failure));
            return;
        }
        json(response, status(failure), ErrorDocument.of(failure));
    }

    private static int status(HindsightException failure) {
        if (failure instanceof UsageException) {
            return 400;
        } else if (failure instanceof UnauthorisedException) {
            return 403;
        } else if (failure instanceof NotFoundException) {
            return 404;
        } else if (failure instanceof AlreadyExistsException || failure instanceof BusyException) {
            return 409;
        } else if (failure instanceof PreconditionFailedException) {
            return 412;
        } else if (failure instanceof CorruptException) {
            return 422;
        } else if (failure instanceof CapacityException) {
            return 507;
        } else if (failure instanceof ClusterUnreachableException || failure instanceof OutcomeUnknownException) {
            return 502;
        }
        return 500;
    }
}
