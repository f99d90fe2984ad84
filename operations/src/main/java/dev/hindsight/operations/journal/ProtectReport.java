package dev.hindsight.operations.journal;

import dev.hindsight.model.schema.TableName;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * How a protection began.
 *
 * @param tables with one base
 * @param capturing nodes whose agents were seen to capture, by address
 * @param notCapturing nodes that do not, with the reason
 * @param base backup that the window begins with
 * @param windowFrom the base's restore point: the first instant that can be restored, as soon as it is sealed
 * @param notes of agents that had to be told again, and of the base's backup
 */
public record ProtectReport(
        List<Table> tables,
        String cluster,
        List<String> capturing,
        List<String> notCapturing,
        String base,
        Instant windowFrom,
        List<String> notes) {
    /** @param again it was protected already; what was missing was done */
    public record Table(TableName name, UUID tableId, boolean again) {}

    public ProtectReport {
        tables = List.copyOf(tables);
        capturing = List.copyOf(capturing);
        notCapturing = List.copyOf(notCapturing);
        notes = List.copyOf(notes);
    }

    public boolean everywhere() {
        return notCapturing.isEmpty();
    }
}
