package dev.hindsight.oracle;

import org.jspecify.annotations.Nullable;

/**
 * A run of whole partitions in the content of one Data.db: {@code [start, end)} in content bytes.
 *
 * @param firstKey of the partition at {@code start} as the index tells it, or null when the index does not hold keys
 * @param tokens for messages: which tokens it holds
 */
record Section(long start, long end, byte @Nullable [] firstKey, String tokens) {}
