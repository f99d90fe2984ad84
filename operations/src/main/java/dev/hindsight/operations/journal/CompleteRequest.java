package dev.hindsight.operations.journal;

import dev.hindsight.model.schema.TableName;

/**
 * Of which table it is to be stored what rows were before its records. What is gone of it, or has another size, is stored again.
 *
 * @param dryRun says only of which records it would be
 * @param check reads all that is stored, so that what is damaged in other ways is stored again as well
 */
public record CompleteRequest(TableName table, boolean dryRun, boolean check) {}
