package dev.hindsight.server.api;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.model.units.InstantText;
import dev.hindsight.server.RestoreOrder;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The body of {@code POST /v1/restores}, read strictly.
 *
 * @param order with the instant resolved
 * @param asked the body as it was sent, to compare calls of one key by
 */
record RestoreBody(RestoreOrder order, boolean dryRun, ObjectNode asked) {
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final Set<String> TEXTS = Set.of("table", "keyspace", "at", "as", "asKeyspace", "to", "ttl");
    private static final Set<String> TTL = Set.of("keep", "freeze", "drop");
    private static final String HINT = "see RestoreRequest in /v1/openapi.yaml";

    static RestoreBody read(byte[] body, Instant now) {
        JsonNode read;
        try {
            read = JSON.readTree(body);
        } catch (IOException e) {
            throw new UsageException("the body is no JSON: " + firstLine(String.valueOf(e.getMessage())), HINT, e);
        }
        if (!(read instanceof ObjectNode asked)) {
            throw new UsageException("the body must be a JSON object", HINT);
        }
        asked.fieldNames().forEachRemaining(name -> requireKnown(asked, name));
        Optional<String> keyspace = text(asked, "keyspace");
        Optional<TableName> table = table(asked, "table");
        Optional<TableName> as = table(asked, "as");
        Optional<String> asKeyspace = text(asked, "asKeyspace");
        if (table.isPresent() == keyspace.isPresent()) {
            throw new UsageException("one of 'table' and 'keyspace' is needed, and not both", HINT);
        }
        if (as.isPresent() && table.isEmpty() || asKeyspace.isPresent() && keyspace.isEmpty()) {
            throw new UsageException("'as' goes with 'table', 'asKeyspace' with 'keyspace'", HINT);
        }
        Optional<String> ttl = text(asked, "ttl");
        if (ttl.isPresent() && !TTL.contains(ttl.get())) {
            throw new UsageException("'ttl' is none of keep, freeze, drop", HINT);
        }
        RestoreOrder order = new RestoreOrder(
                keyspace, asKeyspace, table, as, text(asked, "to"), replication(asked), ttl, instant(asked, now));
        return new RestoreBody(order, asked.path("dryRun").asBoolean(), asked);
    }

    private static void requireKnown(ObjectNode asked, String name) {
        JsonNode value = asked.path(name);
        boolean right =
                TEXTS.contains(name) && value.isTextual() && !value.asText().isBlank()
                        || name.equals("dryRun") && value.isBoolean()
                        || name.equals("replication") && value.isObject();
        if (!right) {
            throw new UsageException(
                    "'" + printable(name) + "' is no field of a restore, or has a value of a wrong type", HINT);
        }
    }

    private static Optional<String> text(ObjectNode asked, String name) {
        return Optional.ofNullable(asked.get(name)).map(JsonNode::asText);
    }

    private static Optional<TableName> table(ObjectNode asked, String name) {
        return text(asked, name).map(text -> {
            try {
                return TableName.parse(text);
            } catch (IllegalArgumentException e) {
                throw new UsageException("'" + name + "': " + printable(String.valueOf(e.getMessage())), HINT, e);
            }
        });
    }

    private static Optional<Map<String, String>> replication(ObjectNode asked) {
        return Optional.ofNullable(asked.get("replication")).map(node -> {
            Map<String, String> out = new LinkedHashMap<>();
            node.fields().forEachRemaining(field -> {
                if (!field.getValue().isTextual()) {
                    throw new UsageException("'replication' holds something that is no text", HINT);
                }
                out.put(field.getKey(), field.getValue().asText());
            });
            return out;
        });
    }

    private static Instant instant(ObjectNode asked, Instant now) {
        String text = text(asked, "at").orElseThrow(() -> new UsageException("'at' is missing", HINT));
        return instant("at", text, now);
    }

    /** @throws UsageException the text is no instant, or one in the future */
    static Instant instant(String name, String text, Instant now) {
        Instant at;
        try {
            at = InstantText.parse(text, now);
        } catch (IllegalArgumentException e) {
            throw new UsageException(
                    "'" + name + "': " + printable(String.valueOf(e.getMessage())),
                    "write it like 2026-11-22T10:42:07Z or -5m",
                    e);
        }
        if (at.isAfter(now)) {
            throw new UsageException("'" + name + "' " + at + " is in the future", "now is " + now);
        }
        return at;
    }

    private static String printable(String text) {
        return text.replaceAll("[^\\x20-\\x7e]", "?");
    }

    private static String firstLine(String text) {
        int end = text.indexOf('\n');
        return printable(end < 0 ? text : text.substring(0, end));
    }
}
