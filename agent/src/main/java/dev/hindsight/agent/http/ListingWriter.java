package dev.hindsight.agent.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.hindsight.agent.api.AgentJson;
import dev.hindsight.agent.api.SnapshotListing;
import dev.hindsight.agent.snapshot.Snapshots;
import dev.hindsight.model.schema.TableName;
import java.io.IOException;
import java.io.OutputStream;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** Writes a {@link SnapshotListing} as it is found, with one SSTable in memory, and lets go of it every few seconds. */
final class ListingWriter implements Snapshots.Sink {
    private static final long FLUSH_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final JsonGenerator json;
    private long flushed = System.nanoTime();

    private ListingWriter(JsonGenerator json) {
        this.json = json;
    }

    /** On an error what was written is cut off, never closed as if it were whole. */
    static void write(OutputStream out, UUID hostId, String tag, Snapshots.Listing listing) throws IOException {
        JsonGenerator json = AgentJson.mapper().createGenerator(out);
        json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        json.disable(JsonGenerator.Feature.AUTO_CLOSE_JSON_CONTENT);
        json.writeStartObject();
        json.writeStringField("hostId", hostId.toString());
        json.writeStringField("tag", tag);
        json.writeArrayFieldStart("tables");
        listing.forEach(new ListingWriter(json));
        json.writeEndArray();
        json.writeEndObject();
        json.close();
    }

    @Override
    public void table(TableName name, UUID tableId, String directory) throws IOException {
        json.writeStartObject();
        json.writePOJOField("name", name);
        json.writeStringField("tableId", tableId.toString());
        json.writeStringField("directory", directory);
        json.writeArrayFieldStart("sstables");
    }

    @Override
    public void sstable(SnapshotListing.SSTable sstable) throws IOException {
        json.writePOJO(sstable);
        if (System.nanoTime() - flushed > FLUSH_NANOS) {
            json.flush();
            flushed = System.nanoTime();
        }
    }

    @Override
    public void end() throws IOException {
        json.writeEndArray();
        json.writeEndObject();
    }
}
