package dev.hindsight.repository.document;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.FormatTooNewException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The repository's documents as bytes and back: JSON for people, the same bytes for equal documents, sealed.
 *
 * <p>UTF-8, two spaces of indent, one field a line in record order, newline at the end. The last field is the {@link
 * Seal}: any changed byte is noticed even in an object whose digest nothing else names. Reading is strict on what
 * matters and passes over unknown fields, so that a later version may add optional ones without a new format. Field by
 * field: docs/FORMAT.md. No state; any thread.
 *
 * <p>Fails with {@link CorruptException} (broken bytes; missing, null, ill-typed or impossible fields) and {@link
 * FormatTooNewException}, both naming the object.
 */
public final class Documents {
    /** Largest document that is read: a plan of 1,000 nodes with 200 SSTables each stays below. */
    public static final int MAX_BYTES = 256 << 20;

    private static final Map<Class<?>, Integer> FORMATS = Map.ofEntries(
            Map.entry(RepositoryInfo.class, RepositoryInfo.FORMAT),
            Map.entry(CatalogueEntry.class, CatalogueEntry.FORMAT),
            Map.entry(BackupPlan.class, BackupPlan.FORMAT),
            Map.entry(BackupManifest.class, BackupManifest.FORMAT),
            Map.entry(ShardManifest.class, ShardManifest.FORMAT),
            Map.entry(RestorePlan.class, RestorePlan.FORMAT),
            Map.entry(RestoreStep.class, RestoreStep.FORMAT),
            Map.entry(ChainState.class, ChainState.FORMAT),
            Map.entry(Heartbeat.class, Heartbeat.FORMAT),
            Map.entry(JournalEntry.class, JournalEntry.FORMAT),
            Map.entry(JournalFloor.class, JournalFloor.FORMAT),
            Map.entry(CaptureFloors.class, CaptureFloors.FORMAT));

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private Documents() {}

    /** The bytes that are stored for {@code document}, one of this package's top-level records. */
    public static byte[] toBytes(Record document) {
        formatOf(document.getClass());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        DefaultIndenter indent = new DefaultIndenter("  ", "\n");
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.setPrettyPrinter(new DefaultPrettyPrinter().withObjectIndenter(indent));
            RecordWriter.write(json, document);
        } catch (IOException e) {
            throw new UncheckedIOException("a document in memory cannot be written", e);
        }
        return Seal.seal(out.toByteArray());
    }

    /**
     * @param object the key, to be named in failures
     * @throws CorruptException see the class comment
     * @throws FormatTooNewException a newer version wrote it
     */
    public static <T extends Record> T fromBytes(byte[] bytes, Class<T> type, String object) {
        int supported = formatOf(type);
        if (bytes.length > MAX_BYTES) {
            throw corrupt(object, "is larger than a document may be: " + bytes.length + " bytes", null);
        }
        String broken = Seal.problemOf(bytes);
        if (broken != null) {
            throw corrupt(object, broken, null);
        }
        try {
            requireFormat(bytes, supported, object);
            try (JsonParser in = JSON.createParser(bytes)) {
                in.nextToken();
                return type.cast(new RecordReader(in, object).read(type, ""));
            }
        } catch (JsonProcessingException e) {
            throw corrupt(object, "is no such document: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw corrupt(object, "is no such document: " + e.getMessage(), e);
        }
    }

    /** Before all other fields: a newer format may have left out or re-typed what this version requires. */
    private static void requireFormat(byte[] bytes, int supported, String object) throws IOException {
        try (JsonParser in = JSON.createParser(bytes)) {
            boolean there = in.nextToken() == JsonToken.START_OBJECT
                    && "format".equals(in.nextFieldName())
                    && in.nextToken() == JsonToken.VALUE_NUMBER_INT;
            if (!there || in.getLongValue() < 1) {
                throw corrupt(object, "has no format number as its first field", null);
            }
            if (in.getLongValue() > supported) {
                throw new FormatTooNewException(
                        "object " + object + ": format " + in.getLongValue() + ", this version reads up to "
                                + supported,
                        "use the Hindsight that wrote it, or a newer one");
            }
        }
    }

    private static int formatOf(Class<?> type) {
        Integer format = FORMATS.get(type);
        if (format == null) {
            throw new IllegalArgumentException(type + " is no document of the repository");
        }
        return format;
    }

    private static CorruptException corrupt(String object, String what, @Nullable Exception cause) {
        return new CorruptException(
                "object " + object + " " + what, "run 'hindsight verify' to see all that is damaged", cause);
    }
}
