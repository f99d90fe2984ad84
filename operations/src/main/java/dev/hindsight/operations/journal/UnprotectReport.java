package dev.hindsight.operations.journal;

import java.util.List;

/**
 * What became of a table's protection.
 *
 * @param table as it is now
 * @param notes agents that could not be told
 */
public record UnprotectReport(ProtectedTable table, List<String> notes) {
    public UnprotectReport {
        notes = List.copyOf(notes);
    }
}
