package dev.hindsight.codec.schema;

/**
 * A column that was dropped.
 *
 * @param droppedAtMicros cells of it written at or before this timestamp are not data any more
 */
public record DroppedColumn(ColumnSchema column, long droppedAtMicros) {}
