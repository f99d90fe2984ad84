package dev.hindsight.model.window;

/**
 * A gap: data came into the table that no log has, as by {@code nodetool import}, sstableloader or restored files. No instant
 * from its beginning on can be restored until a base is taken behind its end.
 *
 * @param cause for people
 */
public record OutsideData(long fromMicros, long toMicros, String cause) {}
